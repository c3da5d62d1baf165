"""What the client is made to do, and what must come of it.

The commands sound catastrophic and can harm nothing where the guard fails: `terraform` is a stand-in, there is no
repository to push to and no network, and what shows whether they ran is a file in a scratch folder.
"""
from dataclasses import dataclass, field

RAN, STOPPED = "ran", "stopped"


@dataclass(frozen=True)
class Case:
    name: str
    tool: str
    input: dict
    expected: str
    #: What the model must have been told.
    told: str = ""
    mode: str = "default"
    #: How the guard is registered: user, project, managed, plugin, plugin without binary, missing binary, user without ConfigChange,
    #: installed (by `countersign install`), none.
    setup: str = "user"
    #: What somebody writes into the project's settings.local.json while the model thinks.
    meanwhile: str = ""
    group: str = "registration"
    #: What happens, and what the model is told, on a client that doesn't know `onFailure`, where that differs.
    old: str = ""
    old_told: str = ""
    #: What a client says that is too old to start here at all.
    refuses: str = ""
    #: What is done to the installed binary (`break_binary`): a shell script that takes its place, or a word.
    fault: str = ""
    #: What is replaced in the settings after `countersign install`.
    edits: tuple = ()
    #: Files that are there before, by path.
    files: dict = field(default_factory=dict)
    #: More of the client's command line and environment.
    flags: tuple = ()
    env: tuple = ()
    #: Calls that the model makes before this one.
    first: tuple = ()
    #: A subagent makes the calls.
    subagent: bool = False
    #: Where "ran" stands then.
    proof: str = "@PROJECT@/proof"
    #: Whether `uninstall` by a program is tried afterwards.
    uninstalled: bool = False

    def outcome(self, onfailure):
        """What must happen, and what the model must be told."""
        old = not onfailure and self.old
        return (self.old, self.old_told) if old else (self.expected, self.told)

    @property
    def fails_open(self):
        return self.expected == STOPPED and self.old == RAN and self.group != "modes"


def bash(command):
    return "Bash", {"command": f"{command}echo ran > @PROJECT@/proof", "description": "x"}


def mcp(tool, **arguments):
    return f"mcp__probe__{tool}", arguments


DENIED, ASKED = bash("terraform destroy -auto-approve; "), bash("git push --force origin feature; ")
SILENT = bash("")
DENIED_MCP, ASKED_MCP = mcp("execute_sql", query="DROP DATABASE shop"), mcp("drop_table", name="users")
SILENT_MCP = mcp("list_things")
WRITE = "Write", {"file_path": "@PROJECT@/proof", "content": "ran\n"}

#: What it tells the agent of a call that it denies.
DENIAL, DENIAL_MCP = "Rule: terraform.destroy", "Rule: sql.drop-database"
#: What the guard tells the agent beside the outcome of a call that was asked about.
PERSON = "countersign asked a person"

#: Managed settings as the examples have them name the version that they need: an older client doesn't start at all.
TOO_OLD = {"old": STOPPED, "refuses": "older than the minimum version required"}

CASES = [
    # Without the guard they run: else the tests below would prove nothing.
    Case("no guard: Bash", *DENIED, RAN, setup="none"),
    Case("no guard: MCP", *DENIED_MCP, RAN, setup="none"),
]
for mode in "default", "bypassPermissions":
    CASES += [
        Case("deny: Bash", *DENIED, STOPPED, DENIAL, mode),
        Case("deny: MCP", *DENIED_MCP, STOPPED, DENIAL_MCP, mode),
        # Nobody is there to answer, so what is asked about doesn't run.
        Case("ask: Bash", *ASKED, STOPPED, PERSON, mode),
        Case("ask: MCP", *ASKED_MCP, STOPPED, PERSON, mode),
        Case("silent: Bash", *SILENT, RAN, mode=mode),
        Case("silent: MCP", *SILENT_MCP, RAN, mode=mode),
        Case("silent: Write", *WRITE, RAN, mode=mode),
        Case("binary missing: Bash", *SILENT, STOPPED, "onFailure", mode, "missing binary", old=RAN),
        Case("binary missing: MCP", *SILENT_MCP, STOPPED, "onFailure", mode, "missing binary", old=RAN),
        Case("plugin, deny: Bash", *DENIED, STOPPED, DENIAL, mode, "plugin"),
        Case("plugin without binary: Bash", *SILENT, STOPPED, "not installed", mode, "plugin without binary"),
    ]
CASES += [
    Case("plugin, ask: MCP", *ASKED_MCP, STOPPED, PERSON, setup="plugin"),
    Case("plugin, silent: Bash", *SILENT, RAN, setup="plugin"),
    Case("plugin without binary: MCP", *SILENT_MCP, STOPPED, "not installed", setup="plugin without binary"),
    # With a repository that sets disableAllHooks.
    Case("managed settings, deny: Bash", *DENIED, STOPPED, DENIAL, setup="managed", **TOO_OLD),
    Case("managed settings, deny: MCP", *DENIED_MCP, STOPPED, DENIAL_MCP, "bypassPermissions", "managed", **TOO_OLD),
    Case("managed settings, silent: Bash", *SILENT, RAN, setup="managed", **TOO_OLD),
    Case("managed, no minimum version, deny: Bash", *DENIED, STOPPED, DENIAL, setup="managed without minimum"),
    Case("managed, no minimum version, silent: Bash", *SILENT, RAN, setup="managed without minimum"),
    Case("project settings, deny: Bash", *DENIED, STOPPED, DENIAL, setup="project"),
    Case("project settings, silent: Bash", *SILENT, RAN, setup="project"),
]
#: What the guard tells the agent when a session begins.
GREETING = "countersign guards this session"
CASES += [
    Case("installed by itself, deny: Bash", *DENIED, STOPPED, DENIAL, setup="installed", uninstalled=True),
    Case("installed by itself, ask: MCP", *ASKED_MCP, STOPPED, PERSON, "bypassPermissions", "installed", uninstalled=True),
    Case("installed by itself, silent: Bash", *SILENT, RAN, GREETING, setup="installed", uninstalled=True),
    Case("plugin, the session begins", *SILENT, RAN, GREETING, setup="plugin"),
]
OFF = '{"disableAllHooks": true, "permissions": {"allow": ["Bash"]}}'
CASES += [
    # The client takes the new settings at once, which is why there is a hook for that event, too.
    Case("hooks switched off in the session, unseen", *DENIED, RAN, setup="user without ConfigChange", meanwhile=OFF),
    Case("hooks switched off in the session", *DENIED, STOPPED, DENIAL, meanwhile=OFF),
    Case("settings broken in the session", *DENIED, STOPPED, DENIAL, meanwhile="{"),
    Case("settings changed in the session, silent", *SILENT, RAN, meanwhile='{"permissions": {"allow": ["Bash", "WebFetch"]}}'),
]
