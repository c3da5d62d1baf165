"""Every permission mode, and every way in which the client makes a call."""
from cases import DENIAL, DENIAL_MCP, ASKED, ASKED_MCP, DENIED, DENIED_MCP, PERSON, RAN, SILENT, SILENT_MCP, STOPPED, WRITE, Case

#: `skip` is --dangerously-skip-permissions.
MODES = "default", "plan", "acceptEdits", "auto", "dontAsk", "bypassPermissions", "skip"

CASES = []
for mode in MODES:
    CASES += [
        Case("deny: Bash", *DENIED, STOPPED, DENIAL, mode, group="modes"),
        Case("deny: MCP", *DENIED_MCP, STOPPED, DENIAL_MCP, mode, group="modes"),
        Case("ask: Bash", *ASKED, STOPPED, PERSON, mode, group="modes"),
        # In plan mode the client itself lets nothing write, whatever a rule allows.
        Case("everyday: Bash", *SILENT, STOPPED if mode == "plan" else RAN, mode=mode, group="modes", old=RAN),
    ]

for mode in "default", "bypassPermissions":
    CASES += [
        Case("subagent, deny: Bash", *DENIED, STOPPED, DENIAL, mode, group="subagents", subagent=True),
        Case("subagent, deny: MCP", *DENIED_MCP, STOPPED, DENIAL_MCP, mode, group="subagents", subagent=True),
        Case("subagent, ask: Bash", *ASKED, STOPPED, PERSON, mode, group="subagents", subagent=True),
        Case("subagent, everyday: Bash", *SILENT, RAN, mode=mode, group="subagents", subagent=True),
        Case("subagent, everyday: MCP", *SILENT_MCP, RAN, mode=mode, group="subagents", subagent=True),
    ]

NOTEBOOK = ('{"cells": [{"cell_type": "code", "id": "a", "metadata": {}, "outputs": [], "execution_count": null, "source": ["before"]}],'
            ' "metadata": {}, "nbformat": 4, "nbformat_minor": 5}')


def edits(folder, expected, told, **more):
    """The tools that write files, on files in this folder; the client wants files read before they are changed."""
    read = lambda path: (("Read", {"file_path": path}),)
    text, notebook, new = f"{folder}/a.toml", f"{folder}/a.ipynb", f"{folder}/new.toml"
    return [
        Case("Write", "Write", {"file_path": new, "content": "ran\n"}, expected, told, proof=new, **more),
        Case("Edit", "Edit", {"file_path": text, "old_string": "before", "new_string": "ran"}, expected, told,
             proof=text, files={text: "# before\n"}, first=read(text), **more),
        Case("NotebookEdit", "NotebookEdit", {"notebook_path": notebook, "cell_id": "a", "new_source": "ran"}, expected, told,
             proof=notebook, files={notebook: NOTEBOOK}, first=read(notebook), **more),
    ]


#: Clients of that age don't offer it to `-p`.
NO_MONITOR = {"old": STOPPED, "old_told": "No such tool"}
MONITOR = lambda command: ("Monitor", {"description": "x", "timeout_ms": 5000, "command": f"{command}echo ran > @PROJECT@/proof"})
CASES += edits("@PROJECT@", RAN, "", group="tools", mode="bypassPermissions", setup="user")
CASES += edits("@HOME@/.claude/hooks", STOPPED, "requested permissions", group="tools", mode="acceptEdits", setup="user")
CASES += [
    Case("Write, ask: a file with secrets", "Write", {"file_path": "@PROJECT@/.env", "content": "ran\n"}, STOPPED, PERSON, "bypassPermissions",
         group="tools", files={"@PROJECT@/.env": "KEY=1\n"}, proof="@PROJECT@/.env", first=(("Read", {"file_path": "@PROJECT@/.env"}),)),
    Case("Monitor, deny", *MONITOR("terraform destroy -auto-approve; "), STOPPED, DENIAL, group="tools", **NO_MONITOR),
    Case("Monitor, ask", *MONITOR("git push --force origin feature; "), STOPPED, PERSON, group="tools", **NO_MONITOR),
    Case("Monitor, everyday", *MONITOR(""), RAN, group="tools", **NO_MONITOR),
    Case("no guard: Monitor", *MONITOR("terraform destroy -auto-approve; "), RAN, setup="none", group="tools", **NO_MONITOR),
]

# Where the client itself would ask, it drops the question of a hook, and where nothing is asked (bypassPermissions), its own, too:
# what a hook asks about runs then. That is so for what it protects itself, among it whatever lies in `.git` and `.claude`.
PROTECTED = {"group": "asked, where the client protects"}
DROPPED = "drops questions"
ANY_HOOK = """cat > /dev/null
echo '{"hookSpecificOutput":{"hookEventName":"PreToolUse","permissionDecision":"ask","permissionDecisionReason":"any hook asks"}}'
"""
for folder in "@PROJECT@/.git", "@PROJECT@/.claude", "@PROJECT@/.vscode":
    proof = f"{folder}/proof"
    call = "Bash", {"command": f"git push --force origin feature; mkdir -p {folder}; echo ran > {proof}", "description": "x"}
    name = f"Bash, in {folder.split('/')[-1]}"
    CASES += [
        # A hook that only asks, in the guard's place: this is the client's own doing.
        Case(f"another hook asks: {name}", *call, RAN, mode="bypassPermissions", setup="installed", fault=ANY_HOOK, proof=proof, **PROTECTED),
        *(Case(name, *call, STOPPED, DROPPED, mode, proof=proof, **PROTECTED) for mode in ("bypassPermissions", "skip", "auto")),
        *(Case(name, *call, STOPPED, PERSON, mode, proof=proof, **PROTECTED) for mode in ("default", "acceptEdits", "dontAsk")),
    ]
for mode in "bypassPermissions", "auto":
    CASES += edits("@HOME@/.claude/hooks", STOPPED, DROPPED, mode=mode, setup="user", **PROTECTED)
CASES += edits("@HOME@/.claude/hooks", RAN, "", mode="bypassPermissions", setup="none", **PROTECTED)
