"""How the guard is registered for a case, and what is then done to it."""
import json, os, pty, shutil, struct, subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
INSTALLED = "/usr/local/bin/countersign"

#: Settings that `countersign install` finds, in a style of their own.
THERE = '{\n\t"model" : "sonnet" ,\n\t"permissions": {"allow": ["Bash","mcp__probe"]}}'

#: Leaves at once, with success, where it is loaded into a program of this name.
PRELOADED = """
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <unistd.h>
__attribute__((constructor)) static void leave(void) { if (!strcmp(program_invocation_short_name, "countersign")) _exit(0); }
"""


def by_a_person(binary, home, path="/usr/local/bin:/usr/bin:/bin"):
    """The environment of a person's terminal, without anything of this process's own."""
    return {"HOME": str(home), "PATH": path, "TERM": "dumb"}


def uninstall(binary, home, project):
    """A program that types for a person, as this one does, doesn't get the guard out (tests/install has a person who does);
    returns what is wrong with what is there then."""
    settings = home / ".claude/settings.json"
    before = settings.read_text()
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(project)
        os.execve(binary, [str(binary), "uninstall"], by_a_person(binary, home))
    os.write(terminal, b"uninstall\n")
    said = b""
    while True:
        try:
            piece = os.read(terminal, 4096)
        except OSError:     # it has ended
            piece = b""
        if not piece:
            break
        said += piece
    os.close(terminal)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if status == 1 and b"is a person's to run" in said and "countersign" in before and settings.read_text() == before:
        return ""
    return f"uninstall ({status}) by a program wasn't refused: {said.decode(errors='replace')[-300:]}"


def write(path, value):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(value if isinstance(value, str) else json.dumps(value, indent=1))


def place(what, path):
    """Puts a program there, a copy of a file or made of bytes. Another process writes it: what this one has open for writing, each
    fork of its other threads has open too for a moment, and to start it would give "Text file busy"."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(what, bytes):
        source = path.with_name(f"{path.name}.source")
        source.write_bytes(what)
        place(source, path)
        source.unlink()
    else:
        subprocess.run(["cp", what, path], check=True)
    path.chmod(0o755)


def install(binary, home, project):
    done = subprocess.run([binary, "install"], env=by_a_person(binary, home), cwd=project, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"install: {done.stdout}{done.stderr}")
    return done.stdout + done.stderr


def break_binary(fault, binary, guard):
    """Does to the installed binary what the case says: a script takes its place, or it is spoiled."""
    bytes_ = binary.read_bytes()
    if fault == "missing":
        guard.unlink()
    elif fault == "not executable":
        guard.chmod(0o644)
    elif fault == "truncated":
        place(bytes_[:5000], guard)
    elif fault == "empty":
        place(b"", guard)
    elif fault == "wrong architecture":
        # The same file, said to be for a 32-bit ARM.
        place(bytes_[:18] + struct.pack("<H", 40) + bytes_[20:], guard)
    elif fault:
        script = "#!/bin/sh\n" + fault.replace("@REAL@", str(binary)).replace("@DIR@", str(guard.parent))
        place(script.encode(), guard)


def preload(root):
    """A library that would silence the guard, if it were loaded; it is seen to work on another program of that name."""
    library, source, other = root / "leave.so", root / "leave.c", root / "other/countersign"
    source.write_text(PRELOADED)
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, source], check=True)
    place("/bin/false", other)
    if subprocess.run([other], env={"LD_PRELOAD": str(library)}).returncode != 0:
        raise RuntimeError("the preloaded library does nothing")


def register(case, binary, root, home, project):
    """Registers the guard as the case says; returns what the client's command line needs."""
    setup = case.setup
    settings = lambda scope, command: (ROOT / f"examples/settings/{scope}.json").read_text().replace(INSTALLED, str(command))
    # "It ran" then means that nothing but the guard could have stopped it.
    allow = {"permissions": {"allow": ["Bash", "Write", "Edit", "NotebookEdit", "Monitor", "mcp__probe"]}}
    write(project / ".claude/settings.local.json", allow)
    if setup == "user without ConfigChange":
        user = json.loads(settings("user", binary))
        del user["hooks"]["ConfigChange"]
        write(home / ".claude/settings.json", user)
    elif setup in ("user", "missing binary"):
        write(home / ".claude/settings.json", settings("user", root / "nowhere" if setup == "missing binary" else binary))
    elif setup == "installed":
        write(home / ".claude/settings.json", THERE)
        guard = root / "guard/countersign"
        place(binary, guard)
        install(guard, home, project)
        for old, new in case.edits:
            text = (home / ".claude/settings.json").read_text().replace(str(guard), "@GUARD@")
            if old not in text:
                raise RuntimeError(f"there is no {old!r} in {text}")
            write(home / ".claude/settings.json", text.replace(old, new).replace("@GUARD@", str(guard)))
        break_binary(case.fault, binary, guard)
    elif setup.startswith("managed"):
        managed = json.loads(settings("managed", binary))
        if setup == "managed without minimum":
            del managed["requiredMinimumVersion"]
        write(root / "managed/managed-settings.json", managed)
        # What a repository may try: it must not help.
        write(project / ".claude/settings.json", {"disableAllHooks": True})
    elif setup == "project":
        write(project / ".claude/settings.json", settings("project", binary))
    elif setup.startswith("plugin"):
        plugin = root / "plugin"
        for part in (".claude-plugin", "hooks"):
            shutil.copytree(ROOT / part, plugin / part)
        # On a machine where countersign is installed, the plugin mustn't find it here.
        launcher = plugin / "hooks/run"
        place(launcher.read_text().replace(f"{INSTALLED};", "/nowhere/countersign;").encode(), launcher)
        if setup == "plugin":
            place(binary, plugin / "bin/countersign")
        return ["--plugin-dir", plugin]
    return []
