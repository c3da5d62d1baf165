"""One turn of the real client: a scratch home and project, a scripted API, and a look at what was left behind."""
import fcntl, json, os, shutil, signal, socket, struct, subprocess, sys, tempfile, threading, time
from dataclasses import dataclass
from pathlib import Path

from cases import RAN, STOPPED
from fake_api import FakeApi
from registration import HERE, place, preload, register, uninstall, write

#: Runs a command with the files of the folder $0 as the machine's managed ones, on a copy of /etc that nobody else sees.
WITH_MANAGED_SETTINGS = """
etc=$(mktemp -d)
mount -t tmpfs -o mode=755 none "$etc"
cp -a /etc/. "$etc" 2>/dev/null || true
rm -rf "$etc/claude-code"
mkdir -m 755 "$etc/claude-code"
cp "$0"/* "$etc/claude-code/"
mount --bind "$etc" /etc
umount "$etc" 2>/dev/null || umount -l "$etc"
rmdir "$etc"
exec "$@"
"""


def isolated():
    """Ends this unless it was started without a network, which is checked and not believed."""
    others = [name for _, name in socket.if_nameindex() if name != "lo" and os.path.exists(f"/sys/class/net/{name}/device")]
    try:
        socket.create_connection(("192.0.2.1", 80), timeout=2).close()
        reached = True
    except OSError as error:
        reached = error.errno not in (101, 100)   # ENETUNREACH, ENETDOWN
    if others or reached:
        sys.exit("there is a network here: the client is only run without one")


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

    def problems(self, case, onfailure):
        """What isn't as it must be. The turn must have been played to its end, or "stopped" would say nothing."""
        expected, told = case.outcome(onfailure)
        if self.happened != expected:
            yield f"it {self.happened}; the model was told: {self.result} {'' if self.result else self.client}"
        if not self.result:
            # A client that refuses to start at all hears of nothing, and must say so.
            if not (case.refuses and not onfailure and case.refuses in self.client):
                yield f"the model never heard of its call: {self.client}"
            return
        if self.failed != (expected == STOPPED):
            yield f"the model was told otherwise: {self.result}"
        if told not in self.told:
            yield f"the model was not told {told!r}, but: {self.result}"
        if self.left:
            yield self.left


class Machine:
    """A scratch home and project, where the client plays its turns."""

    def __init__(self, binary, client):
        self.binary, self.client = binary, client
        self.root = Path(tempfile.mkdtemp(prefix="realclient-")).resolve()
        self.home, self.project, self.calls = self.root / "home", self.root / "project", self.root / "mcp-calls"
        for folder in (self.home, self.project, self.root / "tmp"):
            folder.mkdir()
        write(self.home / ".claude.json", {"projects": {str(self.project): {"hasTrustDialogAccepted": True}}})
        server = {"type": "stdio", "command": sys.executable, "args": [str(HERE / "mcp_server.py"), str(self.calls)]}
        write(self.root / "mcp.json", {"mcpServers": {"probe": server}})
        place(b"#!/bin/sh\necho this is no terraform\n", self.root / "bin/terraform")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.root, ignore_errors=True)

    def filled(self, value):
        """With the places of this machine in it."""
        text = json.dumps(value)
        for name, place in {"PROJECT": self.project, "HOME": self.home, "ROOT": self.root, "BINARY": self.binary}.items():
            text = text.replace(f"@{name}@", str(place))
        return json.loads(text)

    def managed(self, command):
        """This command, on a machine whose managed folder is `managed`, if there is one."""
        if not (self.root / "managed").exists():
            return command
        return ["unshare", "--mount", "--", "sh", "-ec", WITH_MANAGED_SETTINGS, self.root / "managed", *command]

    def turn(self, api, flags, extra_env=(), timeout=120):
        """The client plays its turn; what it says."""
        threading.Thread(target=api.serve_forever, daemon=True).start()
        env = {"HOME": self.home, "PATH": f"{self.root}/bin:/usr/local/bin:/usr/bin:/bin", "TMPDIR": self.root / "tmp", "LANG": "C.UTF-8",
               "TERM": "dumb", "ANTHROPIC_BASE_URL": api.url, "ANTHROPIC_API_KEY": "sk-ant-scripted", "IS_SANDBOX": "1",
               "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1", "DISABLE_AUTOUPDATER": "1", "DISABLE_TELEMETRY": "1",
               "DISABLE_ERROR_REPORTING": "1", "ENABLE_TOOL_SEARCH": "false", **dict(extra_env)}
        command = self.managed([self.client, "-p", "Do it.", "--output-format", "json", "--mcp-config", self.root / "mcp.json",
                                "--strict-mcp-config", *flags])
        with subprocess.Popen(command, env=env, cwd=self.project, start_new_session=True, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
            try:
                said = child.communicate(timeout=timeout)
            except subprocess.TimeoutExpired:
                os.killpg(child.pid, signal.SIGKILL)
                said = "it didn't end", *child.communicate()
        api.shutdown()
        api.server_close()
        return " ".join(said)[-600:]


def mode_flags(mode):
    return ["--dangerously-skip-permissions"] if mode == "skip" else ["--permission-mode", mode]


def drive(case, binary, client):
    """Plays one case."""
    with Machine(binary, client) as machine:
        return play(case, machine)


def play(case, machine):
    extra = register(case, machine.binary, machine.root, machine.home, machine.project)
    for path, text in machine.filled(case.files).items():
        write(Path(path), text)
    if "LD_PRELOAD" in str(case.files):
        preload(machine.root)

    def meanwhile(number, _):
        if case.meanwhile and number == len(case.first):
            time.sleep(2)    # the client must be watching already
            write(machine.project / ".claude/settings.local.json", case.meanwhile)
            time.sleep(4)    # and see it

    api = FakeApi(machine.filled([*case.first, (case.tool, case.input)]), meanwhile, case.subagent)
    said = machine.turn(api, [*mode_flags(case.mode), *extra, *machine.filled(case.flags)], machine.filled(case.env))
    result = api.results.get(len(case.first), {})
    proof = Path(machine.filled(case.proof))
    return Outcome(ran="ran" in proof.read_text() if proof.exists() else machine.calls.exists(),
                   result=json.dumps(result.get("content", ""))[:600] if result else "",
                   failed=bool(result.get("is_error")), told=api.told, client=said,
                   left=uninstall(machine.binary, machine.home, machine.project) if case.setup == "installed" and case.uninstalled else "")
