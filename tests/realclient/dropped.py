"""Where the client itself would ask, it drops the question of a hook: many calls of one turn, first with a hook that asks about
everything (this is the client's own doing), then with the guard."""
import json

from modes import ANY_HOOK, DROPPED
from registration import place, write
from scenarios import Conversation, Scenario, guarded

#: Is asked about. There is no repository, and no network.
PUSH, RULE = "git push --force origin feature", "Rule: git.push-force"

#: What is written, and whether 2.1.197 and 2.1.330 drop the question about it ("+": it runs).
DROPS = [
    ("rm -f notes~1.md", "++"),
    ("cp p a~1", "++"),
    ("X=.git; rm -f \"$X/x\"", "++"),
    ("echo x | tee a~3", "-+"),
    ("sed s/a/b/ q~1", "++"),
    ("echo x > proof.", "++"),
    ("echo x > 'proof '", "++"),
    ("echo x > d./x", "++"),
    ("mkdir -p ...", "++"),
    ("rm -f x.CON", "++"),
    ("rm -f //srv/share/x", "++"),
    ("rm -f /net/host/x", "-+"),
    ("rm -f @HOME@/.config/git/x", "++"),
    ("rm -f .gıt/x", "++"),
    ("rm -f .g\u200cit/x", "++"),
    ("rm -f .claude/worktrees/w/.git/x", "++"),
    ("echo x > out/log", "-+"),
    ("echo x | tee out/log", "-+"),
    ("cp p out/p", "-+"),
    ("cp out/f .", "-+"),
    ("touch out/x", "-+"),
    ("mkdir -p out/y", "-+"),
    ("touch l/x", "++"),
    ("mkdir -p l/y", "++"),
    ("cp g held", "-+"),
    ("timeout 5 touch a~4", "++"),
    ("true & true", "++"),
]

#: What it asks about in the hook's place, so that nothing is lost by leaving the question a question.
HONOURS = [
    "git log HEAD~1", "echo a~1", "cat a~1", "touch data", "rm -rf data", "rm -f 'a b'", "rm -f \"$X\"", "rm -f data/*.log",
    "echo 'Done.' > log", "echo x > inner/log", "mkdir -p sub/deep", "go test ./...", "psql -c 'drop table x'", "sed -i 's/foo.$/bar/' p",
    "rm -f .claude/worktrees/w/x", "touch @HOME@/x", "curl 'http://127.0.0.1:1/?a=1&b=2'", "echo x 2>&1 | cat", "cat .gitignore",
]


def world(machine):
    """A project with links: out of it, to another place in it, and into its `.git`."""
    write(machine.root / "elsewhere/f", "x")
    for path in "p", "q~1", "a~1", "g", "in/f", "d./f", ".git/f", ".gitignore", ".claude/worktrees/w/f":
        write(machine.project / path, "a\n")
    for link, target in ("out", machine.root / "elsewhere"), ("inner", "in"), ("l", ".git"), ("held/g", machine.root / "elsewhere/f"):
        (machine.project / link).parent.mkdir(exist_ok=True)
        (machine.project / link).symlink_to(target)


def by_any_hook(machine, onfailure):
    world(machine)
    hook = machine.root / "hook"
    place(f"#!/bin/sh\n{ANY_HOOK}".encode(), hook)
    write(machine.home / ".claude/settings.json",
          {"hooks": {"PreToolUse": [{"matcher": "*", "hooks": [{"type": "command", "command": str(hook)}]}]}})
    calls = machine.filled([call for call, _ in DROPS] + HONOURS)
    # The client isn't to be blamed: what runs here is what the guard must deny.
    wanted = "".join(runs[onfailure] for _, runs in DROPS) + "-" * len(HONOURS)
    talk = Conversation(machine, calls)
    happened = "".join("?" if not result else "-" if result.get("is_error") else "+" for result in talk.results)
    for call, want, has, result in zip(calls, wanted, happened, talk.results):
        talk.expect(f"{call}: {want}, but {has}", want == has, json.dumps(result))
    return talk.problems


def stopped(machine, calls, denied=True, **more):
    """Each of these calls is stopped: denied, because the question would be dropped, or else by the question."""
    world(machine)
    guarded(machine)
    talk = Conversation(machine, machine.filled(calls), **more).outcomes("-" * len(calls))
    for call, result in zip(calls, talk.results):
        said = json.dumps(result)
        talk.expect(f"{call} is {'denied' if denied else 'asked about'}", (DROPPED in said) == denied and RULE in said, said)
    return talk.problems


def denied(machine, _):
    return stopped(machine, [f"{PUSH}; {call}" for call, _ in DROPS])


def asked(machine, _):
    return stopped(machine, [f"{PUSH}; {call}" for call in HONOURS], denied=False)


def in_the_background(machine, _):
    """Where a rule of the person allows the program, what goes on behind the client's back is asked about."""
    write(machine.project / ".claude/settings.local.json", {"permissions": {"allow": ["Bash(git push:*)"]}})
    return stopped(machine, [f"{PUSH} &", f"{PUSH} & echo started"])


def while_planning(machine, _):
    return stopped(machine, [f"{PUSH}; rm -f a~9"], flags=["--allow-dangerously-skip-permissions"], mode="plan")


GROUP = "asked, where the client asks"
SCENARIOS = [
    Scenario("another hook asks: what the client drops", GROUP, by_any_hook),
    Scenario("odd paths, names, links", GROUP, denied),
    Scenario("what stays a question", GROUP, asked),
    Scenario("in the background", GROUP, in_the_background),
    Scenario("while planning", GROUP, while_planning, "plan"),
]
