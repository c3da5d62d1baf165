#!/usr/bin/env python3
"""Writes tests/help/<tool>.txt from the tools' own help: `make.py [TOOL …]` (all of tools.toml without names).

Each tool comes from its registry into a scratch folder ($FACTS, default /tmp/facts), is asked only for help, and nothing
of it is run besides. See ../README.md.
"""

import datetime
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import helptext
import others
from tree import Tree

HERE = Path(__file__).resolve().parent
SCRATCH = Path(os.environ.get("FACTS", "/tmp/facts"))
NICE = ["nice", "-n", "15"]


def run(words, environment, seconds=40, merge=True, cwd=None):
    """What it prints. Errors count as text too: many tools print their help there."""
    try:
        done = subprocess.run(
            words, env=environment, stdin=subprocess.DEVNULL, timeout=seconds, cwd=cwd,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT if merge else subprocess.DEVNULL,
        )
        return done.stdout.decode("utf-8", "replace")
    except subprocess.TimeoutExpired as over:
        return (over.stdout or b"").decode("utf-8", "replace")
    except OSError as error:
        print(f"  {words[0]}: {error}", file=sys.stderr)
        return ""


def environment(folder, extra):
    home = SCRATCH / "home"
    for path in (home, SCRATCH / "empty"):
        path.mkdir(parents=True, exist_ok=True)
    rust = Path.home()
    e = {
        "CARGO_HOME": str(rust / ".cargo"), "RUSTUP_HOME": str(rust / ".rustup"),
        "HOME": str(home), "LANG": "C.UTF-8", "TERM": "dumb", "NO_COLOR": "1", "COLUMNS": "220", "LINES": "500",
        "MANWIDTH": "300", "PAGER": "cat", "MANPAGER": "cat", "DO_NOT_TRACK": "1", "CHECKPOINT_DISABLE": "1", "CI": "1",
        "TERMINAL_WIDTH": "220", "NO_UPDATE_NOTIFIER": "1", "WRANGLER_SEND_METRICS": "false", "FORCE_COLOR": "0",
        "PATH": os.environ["PATH"],
    }
    if folder:
        places = ["bin", "node_modules/.bin", "usr/bin", "usr/sbin", "sbin", "usr/games", "usr/lib/postgresql/15/bin",
                  "usr/lib/git-core", "bin"]
        e["PATH"] = ":".join(str(folder / p) for p in places) + ":" + e["PATH"]
        libraries = ["usr/lib/x86_64-linux-gnu", "lib/x86_64-linux-gnu", "usr/lib", "usr/lib/x86_64-linux-gnu/ceph"]
        if (folder / "usr").exists():
            e["LD_LIBRARY_PATH"] = ":".join(str(folder / p) for p in libraries)
            e["PYTHONPATH"] = str(folder / "usr/lib/python3/dist-packages")
    return e | {k: v.replace("{folder}", str(folder)) for k, v in extra.items()}


def install(tool, name):
    """The folder that holds the tool's packages."""
    for kind in ("npm", "pypi", "debian"):
        if kind not in tool:
            continue
        packages = tool[kind].split(" ")
        folder = SCRATCH / {"pypi": "pip", "debian": "deb"}.get(kind, kind) / tool.get("in", name)
        if folder.exists():
            return kind, packages[0], folder
        folder.mkdir(parents=True)
        if kind == "npm":
            (folder / "package.json").write_text('{"private":true}')
            command = ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--legacy-peer-deps", *packages]
            subprocess.run(NICE + command, cwd=folder, check=True, timeout=500)
        elif kind == "pypi":
            subprocess.run(["python3", "-m", "venv", str(folder)], check=True)
            command = [str(folder / "bin/pip"), "-q", "install", *packages]
            subprocess.run(NICE + command, check=True, timeout=600)
        else:
            # Downloaded and unpacked, never installed: no service starts, nothing of this machine changes.
            command = ["apt-get", "-s", "install", "--no-install-recommends", *packages]
            told = subprocess.run(command, capture_output=True, text=True).stdout
            needed = sorted(set(re.findall(r"^Inst (\S+) (?!\[)", told, re.M)) | set(packages))
            needed = [n for n in needed if n not in ("systemd", "udev", "dbus") or n in packages]
            subprocess.run(NICE + ["apt-get", "-q", "download", *needed], cwd=folder, timeout=500,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            for archive in sorted(folder.glob("*.deb")):
                subprocess.run(["dpkg", "-x", str(archive), str(folder)], check=True)
                archive.unlink()
        return kind, packages[0], folder
    return "here", tool.get("package", name), None


def version(kind, package, folder, tool, e):
    if "version" in tool:
        text = run(shlex.split(tool["version"]), e)
        found = re.search(r"\d+\.\d+(?:\.\d+)*[\w.+~-]*", helptext.clean(text))
        return found[0] if found else ""
    package = tool.get("named", package)
    bare = re.sub(r"(?<=.)@.*", "", package)
    if kind == "npm":
        return json.loads((folder / "node_modules" / bare / "package.json").read_text())["version"]
    if kind == "pypi":
        bare = re.sub(r"\[.*|[=<>].*", "", package)
        code = f"import importlib.metadata as m; print(m.version({bare!r}))"
        return run([str(folder / "bin/python"), "-c", code], e, merge=False).strip()
    told = run(["apt-cache" if kind == "debian" else "dpkg-query", *(
        ["policy", package] if kind == "debian" else ["-W", "-f", "Candidate: ${Version}", package])], e)
    found = re.search(r"Candidate: (?:\d+:)?(.*)", told)
    return re.sub(r"-[^-]*$", "", found[1]) if found else ""


def by_help(tool, program, e, tree):
    """Asks each command for its help, and the commands that this shows for theirs."""
    template, style, depth = tool.get("help", "{path} --help"), tool.get("style", ""), tool.get("depth", 5)
    root = tool.get("root_help", template)
    queue, seen, texts = [(program, 0)], {program}, {}
    skip = re.compile(tool.get("skip", r"(^| )(help|completions?|complete|autocomplete)$"))
    deadline = time.time() + float(os.environ.get("SECONDS_EACH") or tool.get("seconds", 400))
    if "global_help" in tool:
        for names, kind, _ in helptext.parse(run(shlex.split(tool["global_help"]), e), program, style)[1]:
            tree.option(program, names, kind)
    while queue:
        path, level = queue.pop(0)
        if time.time() > deadline:
            tree.notes.append("not all commands asked")
            break
        words = path.split(" ")
        line = root if path == program else template
        line = line.replace("{path}", shlex.join(words)).replace("{program}", shlex.quote(words[0]))
        line = line.replace("{rest}", shlex.join(words[1:]))
        text = run(shlex.split(line), e, cwd=SCRATCH / "empty")
        if os.environ.get("SHOW"):
            print(f"--- {line}\n{text}")
        commands, options, aliases = helptext.parse(text, path, style)
        pattern = tool.get("pattern_all", tool.get("pattern") if path == program else None)
        if pattern:
            commands = [(m["name"], []) for m in re.finditer(pattern, helptext.clean(text), re.M)]
        key = re.sub(r"\S*" + re.escape(words[-1]) + r"\S*", "", text) if path != program else text
        if path != program and (key in texts.values() or text == texts.get(program)):
            continue
        texts[path] = key
        tree.command(path, aliases)
        for names, kind, header in options:
            everywhere = re.search(r"global|common", header, re.I) and not tool.get("no_global")
            tree.option(program if everywhere else path, names, kind)
        if tool.get("probe") and path != program and words[-1] in SAME:
            # Aliases that no help tells: a word is one if its help is this command's.
            for word in SAME[words[-1]]:
                other = " ".join(words[:-1] + [word])
                again = shlex.split(line.replace(shlex.join(words), shlex.join(words[:-1] + [word])))
                if other not in seen and run(again, e, cwd=SCRATCH / "empty") == text:
                    tree.command(path, [word])
        for name, alias in commands:
            child = f"{path} {name}"
            if name == words[-1] or name.startswith("-") or skip.search(child):
                continue
            tree.command(child, alias)
            if child not in seen and level < depth:
                seen.add(child)
                queue.append((child, level + 1))


def by_man(tool, program, e, tree, folder):
    """Reads the options of a manual page, or of the page of each command (`lvm2`: one program, one page)."""
    for item in tool["pages"]:
        page, _, path = item.partition("=")
        path = path or page.rsplit(".", 1)[0]
        words = ["man", "-P", "cat"]
        if folder:
            places = list(folder.glob(f"usr/share/man/man*/{page}*")) + list(folder.glob(f"share/man/man*/{page}*"))
            if not places:
                print(f"  no page {page}", file=sys.stderr)
                continue
            words += ["-l", str(places[0])]
        else:
            words += page.rsplit(".", 1)[::-1]
        text = run(words, e | {"MANPATH": ""} if folder else e)
        if os.environ.get("SHOW"):
            print(text)
        tree.command(path)
        _, options, _ = helptext.parse(text, path, "man")
        for names, kind, _ in options:
            tree.option(path, names, kind)


def by_python(tool, program, e, tree, folder):
    words = [str(folder / "bin/python") if folder and (folder / "bin/python").exists() else "/usr/bin/python3",
             str(HERE / "walk_python.py"), *shlex.split(tool.get("entry", program))]
    if "call" in tool:
        e = e | {"TREE_CALL": tool["call"]}
    by_process(words, program, e | {"TREE_BEFORE": tool.get("before", "")}, tree, folder)


def by_process(words, program, e, tree, folder):
    """A process that prints its tree as JSON to the file TREE_FD."""
    read, write = os.pipe()
    e = e | {"TREE_FD": str(write), "TREE_PROGRAM": program}
    done = subprocess.Popen(words, env=e, stdin=subprocess.DEVNULL, pass_fds=[write], cwd=SCRATCH / "empty",
                            stdout=subprocess.DEVNULL if not os.environ.get("SHOW") else None,
                            stderr=subprocess.PIPE)
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        data = pipe.read()
    error = done.communicate(timeout=300)[1].decode("utf-8", "replace")
    if not data:
        print("  " + error[-600:], file=sys.stderr)
        return
    for path, entry in json.loads(data).items():
        tree.command(path, entry["alias"])
        for names, kind in entry["options"]:
            tree.option(path, names, kind)


REMOVES = ["rm", "remove", "delete"]
SAME = {word: [w for w in REMOVES if w != word] for word in REMOVES} | {"list": ["ls"]}

HOW = {"help": "`{program} <command> --help`", "commander": "the program's own parser", "python": "the program's own parsers", "man": "manual pages"}


def make(name, tool):
    started = time.time()
    kind, package, folder = install(tool, name)
    e = environment(folder, tool.get("env", {}))
    texts, total = [], (0, 0)
    for program in tool.get("programs", [tool.get("program", name)]):
        tree = Tree(program)
        how = tool.get("read", "help")
        if how == "help":
            by_help(tool, program, e, tree)
        elif how == "man":
            by_man(tool, program, e, tree, folder)
        elif how == "vercel":
            words = ["node", str(HERE / "walk_vercel.mjs"), str(folder / "node_modules/vercel/dist")]
            for names, value, _ in helptext.parse(run(["vercel", "--help"], e), program)[1]:
                tree.option(program, names, value)
            by_process(words, program, e, tree, folder)
        elif how == "commander":
            words = ["node", str(HERE / "walk_commander.mjs"), *tool["entry"].split(" "), program]
            words[2] = str(folder / "node_modules" / words[2])
            by_process(words, program, e, tree, folder)
        elif how == "python":
            by_python(tool, program, e, tree, folder)
        else:
            getattr(others, how)(tool, program, e, tree, folder, run)
        tree.tidy(tool.get("keep"), tool.get("drop_reads", 1500), tool.get("thin"))
        asked = HOW.get(how, tool.get("how", how))
        if how == "help" and "help" in tool:
            asked = "`" + tool["help"].replace("{path}", program + " <command>").replace("{program}", program).replace(
                "{rest}", "<command>") + "`"
        source = {"npm": "npm", "pypi": "PyPI", "debian": "Debian", "here": "installed"}[kind]
        label = tool.get("label", f"{source} package {re.sub(r'(?<=.)@[0-9].*', '', package)}")
        head = f"{program} {version(kind, package, folder, tool, e)}, {label}: "
        head += f"{asked.replace('{program}', program)}, read {tool.get('date', datetime.date.today())}"
        if len(tree.commands) > 1 or tree.commands[program]["options"]:
            texts.append(tree.text(head))
            total = tuple(a + b for a, b in zip(total, tree.counts()))
        else:
            print(f"  {program}: nothing read", file=sys.stderr)
    if texts:
        (HERE.parent / f"{name}.txt").write_text("\n".join(texts))
    print(f"{name}: {total[0]} commands, {total[1]} options, {time.time() - started:.0f} s", flush=True)
    if os.environ.get("DELETE") and folder:
        shutil.rmtree(folder, ignore_errors=True)


def main():
    tools = {}
    for table in sorted(HERE.glob("tools*.toml")):
        tools |= tomllib.loads(table.read_text())
    for name in sys.argv[1:] or tools:
        try:
            make(name, tools[name])
        except Exception as error:
            print(f"{name}: {type(error).__name__}: {error}", flush=True)


if __name__ == "__main__":
    main()
