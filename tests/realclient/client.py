"""One turn of the real client: a scratch home and project, a scripted API, and a look at what was left behind."""
import fcntl, json, os, pty, shutil, signal, socket, struct, subprocess, sys, tempfile, threading, time
from dataclasses import dataclass
from pathlib import Path

from cases import RAN, STOPPED
from fake_api import FakeApi

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
INSTALLED = "/usr/local/bin/countersign"

#: Runs a command with $0 as the machine's managed settings, on a copy of /etc that nobody else sees.
WITH_MANAGED_SETTINGS = """
etc=$(mktemp -d)
mount -t tmpfs none "$etc"
cp -a /etc/. "$etc" 2>/dev/null || true
rm -rf "$etc/claude-code"
mkdir "$etc/claude-code"
cp "$0" "$etc/claude-code/managed-settings.json"
mount --bind "$etc" /etc
umount "$etc" 2>/dev/null || umount -l "$etc"
rmdir "$etc"
exec "$@"
"""


def isolated():
    """Whether this process was started without a network, which is checked and not believed."""
    if sys.argv[1:2] != ["--isolated"]:
        return False
    others = [name for _, name in socket.if_nameindex() if name != "lo" and os.path.exists(f"/sys/class/net/{name}/device")]
    try:
        socket.create_connection(("192.0.2.1", 80), timeout=2).close()
        reached = True
    except OSError as error:
        reached = error.errno not in (101, 100)   # ENETUNREACH, ENETDOWN
    if others or reached:
        sys.exit("there is a network here: the client is only run without one")
    return True


def raise_loopback():
    """Like `ip link set lo up`, which would be one more thing to install."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        request = lambda flags: struct.pack("16sh14x", b"lo", flags)
        flags = struct.unpack("16sh14x", fcntl.ioctl(control, 0x8913, request(0)))[1]   # SIOCGIFFLAGS
        fcntl.ioctl(control, 0x8914, request(flags | 1))                                # SIOCSIFFLAGS, IFF_UP


@dataclass
class Outcome:
    ran: bool
    result: str
    failed: bool
    told: str
    client: str
    #: What is wrong with what was left behind.
    left: str = ""

    @property
    def happened(self):
        return RAN if self.ran else STOPPED

    def problems(self, case):
        """What isn't as it must be. The turn must have been played to its end, or "stopped" would say nothing."""
        if self.happened != case.expected:
            yield f"it {self.happened}; the model was told: {self.result}"
        if not self.result:
            yield f"the model never heard of its call: {self.client}"
        elif self.failed != (case.expected == STOPPED):
            yield f"the model was told otherwise: {self.result}"
        if case.told not in self.told:
            yield f"the model was not told {case.told!r}, but: {self.result}"
        if self.left:
            yield self.left


#: Settings that `countersign install` finds, in a style of their own.
THERE = '{\n\t"model" : "sonnet" ,\n\t"permissions": {"allow": ["Bash","mcp__probe"]}}'


def countersign(binary, home, project):
    """How a person starts it, without anything of this process's own."""
    return {"args": [binary], "env": {"HOME": str(home), "PATH": "/usr/local/bin:/usr/bin:/bin", "TERM": "dumb"}, "cwd": project}


def uninstall(binary, home, project):
    """A program that types for a person, as this one does, doesn't get the guard out (tests/install has a person who does);
    returns what is wrong with what is there then."""
    run = countersign(binary, home, project)
    settings = home / ".claude/settings.json"
    before = settings.read_text()
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(run["cwd"])
        os.execve(binary, [str(binary), "uninstall"], run["env"])
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


def register(setup, binary, root, home, project):
    """Registers the guard as the examples do it; returns what the client's command line needs."""
    settings = lambda scope, command: (ROOT / f"examples/settings/{scope}.json").read_text().replace(INSTALLED, str(command))
    # "It ran" then means that nothing but the guard could have stopped it.
    allow = {"permissions": {"allow": ["Bash", "Write", "Edit", "mcp__probe"]}}
    write(project / ".claude/settings.local.json", allow)
    if setup == "user without ConfigChange":
        user = json.loads(settings("user", binary))
        del user["hooks"]["ConfigChange"]
        write(home / ".claude/settings.json", user)
    elif setup in ("user", "missing binary"):
        write(home / ".claude/settings.json", settings("user", root / "nowhere" if setup == "missing binary" else binary))
    elif setup == "installed":
        write(home / ".claude/settings.json", THERE)
        run = countersign(binary, home, project)
        subprocess.run([*run.pop("args"), "install"], **run, check=True, capture_output=True)
    elif setup == "managed":
        write(root / "managed.json", settings("managed", binary))
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
        launcher.write_text(launcher.read_text().replace(f"{INSTALLED};", "/nowhere/countersign;"))
        if setup == "plugin":
            (plugin / "bin").mkdir()
            shutil.copy(binary, plugin / "bin/countersign")
        return ["--plugin-dir", plugin]
    return []


def drive(case, binary, client, timeout=120):
    """Plays one case."""
    root = Path(tempfile.mkdtemp(prefix="realclient-")).resolve()
    try:
        return play(case, binary, client, root, timeout)
    finally:
        shutil.rmtree(root, ignore_errors=True)


def play(case, binary, client, root, timeout):
    home, project, tmp, calls = root / "home", root / "project", root / "tmp", root / "mcp-calls"
    for folder in (home, project, tmp):
        folder.mkdir()
    extra = register(case.setup, binary, root, home, project)
    write(home / ".claude.json", {"projects": {str(project): {"hasTrustDialogAccepted": True}}})
    server = {"type": "stdio", "command": sys.executable, "args": [str(HERE / "mcp_server.py"), str(calls)]}
    write(root / "mcp.json", {"mcpServers": {"probe": server}})
    write(root / "bin/terraform", "#!/bin/sh\necho this is no terraform\n")
    (root / "bin/terraform").chmod(0o755)

    def meanwhile():
        if case.meanwhile:
            time.sleep(2)    # the client must be watching already
            write(project / ".claude/settings.local.json", case.meanwhile)
            time.sleep(4)    # and see it

    api = FakeApi(case.tool, json.loads(json.dumps(case.input).replace("@PROJECT@", str(project))), meanwhile)
    threading.Thread(target=api.serve_forever, daemon=True).start()
    env = {"HOME": home, "PATH": f"{root}/bin:/usr/local/bin:/usr/bin:/bin", "TMPDIR": tmp, "LANG": "C.UTF-8", "TERM": "dumb",
           "ANTHROPIC_BASE_URL": api.url, "ANTHROPIC_API_KEY": "sk-ant-scripted", "IS_SANDBOX": "1",
           "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1", "DISABLE_AUTOUPDATER": "1", "DISABLE_TELEMETRY": "1",
           "DISABLE_ERROR_REPORTING": "1", "ENABLE_TOOL_SEARCH": "false"}
    command = [client, "-p", "Do it.", "--output-format", "json", "--permission-mode", case.mode,
               "--mcp-config", root / "mcp.json", "--strict-mcp-config", *extra]
    if case.setup == "managed":
        command = ["unshare", "--mount", "--", "sh", "-ec", WITH_MANAGED_SETTINGS, root / "managed.json", *command]
    with subprocess.Popen(command, env=env, cwd=project, start_new_session=True, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
        try:
            said = child.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            said = "it didn't end", *child.communicate()
    api.shutdown()
    api.server_close()
    result = next(iter(api.results), {})
    left = uninstall(binary, home, project) if case.setup == "installed" else ""
    return Outcome(ran=(project / "proof").exists() or calls.exists(), result=json.dumps(result.get("content", ""))[:600] if result else "",
                   failed=bool(result.get("is_error")), told=api.told, client=" ".join(said)[-600:], left=left)
