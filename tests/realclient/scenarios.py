"""What takes more than one call, or more than the client: a person's approval, signatures, and what `doctor` says of a client."""
import json, os, re, subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

from client import Machine
from fake_api import FakeApi
from registration import ROOT, by_a_person, install, write

#: A person at a terminal (examples/person.rs). An interpreter can't be one: `approve` refuses whom it holds a terminal for.
PERSON = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "debug/examples/person"

#: Is denied, and leaves a line each time that it runs all the same. There is no repository, and no network.
PUSH = "git push --force origin main; echo ran >> proof"
#: The same but for a space.
OTHER = "git push --force origin  main; echo ran >> proof"


#: What is wrong where a call ran that must not.
OPEN = "a call ran that must be stopped"


@dataclass(frozen=True)
class Scenario:
    name: str
    group: str
    play: Callable
    mode: str = "bypassPermissions"


class Conversation:
    """One turn of calls to Bash, with something done before some of them; it keeps what is wrong."""

    def __init__(self, machine, calls, before=None, flags=(), mode="bypassPermissions"):
        self.machine, self.problems, self.before = machine, [], before or {}
        bash = lambda command: ("Bash", {"command": command, "description": "x"})
        api = FakeApi([bash(call) for call in calls], self.prepare)
        self.said = machine.turn(api, ["--permission-mode", mode, *flags])
        self.results = [api.results.get(number, {}) for number in range(len(calls))]

    def prepare(self, number, results):
        if step := self.before.get(number):
            return step(self, results)

    def expect(self, what, found, text=""):
        if not found:
            self.problems.append(f"not so: {what} {text}")

    def outcomes(self, wanted):
        """Whether each call ran ("+") or was stopped ("-")."""
        outcomes = "".join("?" if not result else "-" if result.get("is_error") else "+" for result in self.results)
        told = "" if outcomes == wanted else json.dumps(self.results)[:1500] + self.said
        if ("-", "+") in zip(wanted, outcomes):
            self.problems.append(OPEN)
        self.expect(f"the calls went {wanted}, but {outcomes}", outcomes == wanted, told)
        return self


def code(result):
    """The code in a reason."""
    found = re.search(r"countersign approve (?:--request )?([0-9A-Z]{4}-[0-9A-Z]{2})`", json.dumps(result))
    return found[1] if found else "none"


def person(machine, *arguments, answer="main", question="Type the name"):
    """What a person at a terminal of their own sees of `approve`."""
    command = machine.managed([PERSON, question, answer, *(arguments if arguments[0] == "/bin/sh" else [machine.binary, "approve", *arguments])])
    done = subprocess.run(command, env=by_a_person(machine.binary, machine.home), cwd=machine.project, stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=60, start_new_session=True)
    return done.stdout + done.stderr


def guarded(machine):
    settings = (ROOT / "examples/settings/user.json").read_text().replace("/usr/local/bin/countersign", str(machine.binary))
    write(machine.home / ".claude/settings.json", settings)


def approved(machine):
    return sorted((machine.home / ".local/state/countersign/approvals").glob("*.approved"))


def once(machine, _):
    guarded(machine)

    def consent(talk, results):
        said = person(machine, code(results[0]))
        talk.expect("a person approves", "Approved." in said, said)
        talk.expect("the approval lies there", len(approved(machine)) == 1)

    talk = Conversation(machine, [PUSH, PUSH, OTHER, PUSH, PUSH], {2: consent}).outcomes("---+-")
    proof = machine.project / "proof"
    talk.expect("it ran once", proof.exists() and proof.read_text() == "ran\n")
    talk.expect("the model was told how a person can approve", "can approve this very call" in json.dumps(talk.results[0]))
    return talk.problems


def wrong_answer(machine, _):
    guarded(machine)

    def dissent(talk, results):
        said = person(machine, code(results[0]), answer="master")
        talk.expect("nothing is approved", "nothing was approved" in said and not approved(machine), said)

    talk = Conversation(machine, [PUSH, PUSH], {1: dissent}).outcomes("--")
    talk.expect("it didn't run", not (machine.project / "proof").exists())
    return talk.problems


def inside(machine, _):
    """The agent's own attempts: before the guard, and, where there is none, before `approve` itself."""
    guarded(machine)
    own = f"{machine.binary} approve "
    known = []

    def learn(_, results):
        known.append(code(results[0]))
        return {"command": own + known[0], "description": "x"}

    talk = Conversation(machine, [PUSH, "true", PUSH], {1: learn}).outcomes("---")
    talk.expect("there was a code", known and known[0] != "none")
    approve = own + known[0]
    typed = f"(sleep 1; echo main) | script -qec '{approve}' /dev/null"
    hidden = "env -u CLAUDECODE -u CLAUDE_CODE_ENTRYPOINT -u CLAUDE_CODE_SSE_PORT"
    alone = f"(sleep 1; echo main) | setsid -f {hidden} script -qec '{approve}' log > /dev/null 2>&1; sleep 3; cat log"
    attempts = [approve, f"echo main | {approve}", typed, f"{typed.replace('script', f'{hidden} script')}", alone,
                f"{PERSON} 'Type the name' main {approve}", f"{hidden} {PERSON} 'Type the name' main {hidden} {approve}"]
    # As scripts: what the client finds hard to read, it stops by itself.
    for number, attempt in enumerate(attempts):
        write(machine.project / f"attempt{number}", f"exec 2>&1\n{attempt}\ntrue\n")
    bare = Conversation(machine, [f"sh attempt{number}" for number in range(len(attempts))], flags=["--setting-sources", "project"])
    for attempt, result in zip(attempts, bare.results):
        bare.expect(f"refused: {attempt}", "a person's to run" in json.dumps(result), json.dumps(result))
    bare.expect("nothing was approved", not approved(machine))
    bare.expect("it didn't run", not (machine.project / "proof").exists())
    return talk.problems + bare.problems


def signatures(machine, _):
    guarded(machine)
    for who in "ada", "eve":
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", who, "-f", machine.home / who], check=True, stdin=subprocess.DEVNULL)
    write(machine.root / "managed/countersign.toml", "[approve]\nirreversible = 'signature'\nsigners = 'countersign.signers'\n")
    write(machine.root / "managed/countersign.signers", f'ada@example.com namespaces="countersign" {(machine.home / "ada.pub").read_text()}')
    # The person's own choice of signers doesn't count beside that.
    write(machine.home / ".claude/countersign.signers", f'eve@example.com {(machine.home / "eve.pub").read_text()}')
    write(machine.home / ".claude/countersign.toml", "[approve]\nirreversible = 'person'\nsigners = 'countersign.signers'\n")
    letter = machine.home / "letter"

    def signed(who):
        return person(machine, "--sign", str(letter), "--key", str(machine.home / who))

    def unsigned(talk, results):
        said = person(machine, code(results[0]))
        talk.expect("a person's word alone is refused", "policy demands a signature" in said, said)

    def by_eve(talk, results):
        said = person(machine, "/bin/sh", "-c", f"{machine.binary} approve --request {code(results[0])} > {letter}")
        talk.expect("a letter is written", letter.exists() and PUSH in letter.read_text(), said)
        signed("eve")
        said = person(machine, "--apply", f"{letter}.sig")
        talk.expect("another's signature is refused", "its key isn't one of those" in said and not approved(machine), said)
        Path(f"{letter}.sig").unlink(missing_ok=True)

    def by_ada(talk, _):
        said = signed("ada") + person(machine, "--apply", f"{letter}.sig")
        talk.expect("her signature counts", "Signed by ada@example.com." in said, said)

    talk = Conversation(machine, [PUSH, PUSH, PUSH, OTHER, PUSH, PUSH], {1: unsigned, 2: by_eve, 3: by_ada}).outcomes("----+-")
    proof = machine.project / "proof"
    talk.expect("it ran once", proof.exists() and proof.read_text() == "ran\n")
    return talk.problems


def doctor(machine, onfailure):
    """`doctor` names what the rows "open:" show, and a client that is too old."""
    (machine.root / "bin/claude").symlink_to(machine.client)
    write(machine.home / ".claude/settings.json", "{}")
    path = f"{machine.root}/bin:/usr/bin:/bin"
    environment = by_a_person(machine.binary, machine.home, path)
    run = lambda *words: subprocess.run([machine.binary, *words], env=environment, cwd=machine.project, capture_output=True, text=True)
    problems = []

    def says(what, *wanted, code=None):
        done = run("doctor")
        said = done.stdout + done.stderr
        problems.extend(f"{what}: doctor doesn't say {text!r}: {said}" for text in wanted if text not in said)
        if code is not None and done.returncode != code:
            problems.append(f"{what}: doctor ends with {done.returncode}: {said}")

    installed = run("install")
    if installed.returncode != 0:
        problems.append(f"install: {installed.stdout}{installed.stderr}")
    warning = "which lets calls run when the hook fails"
    says("installed", "and blocks calls when the hook fails" if onfailure else warning)
    if not onfailure and warning not in installed.stdout + installed.stderr:
        problems.append(f"install doesn't warn of the old client: {installed.stdout}{installed.stderr}")
    settings, ours = machine.home / ".claude/settings.json", machine.project / ".claude/settings.json"
    sound = settings.read_text()
    write(ours, {"disableAllHooks": True})
    says("switched off by the project", "disableAllHooks", code=1)
    ours.unlink()
    for what, text, wanted in (("broken", "{" + sound, "settings.json"), ("a wrong word", sound.replace('"block"', '"deny"'), "onFailure"),
                               ("no onFailure", sound.replace('"block"', '"continue"'), "without `\"onFailure\": \"block\"` the client runs the call"),
                               ("a missing binary", sound.replace(str(machine.binary), "/nowhere/countersign"), "/nowhere/countersign")):
        settings.write_text(text)
        says(what, wanted, code=None if what == "no onFailure" else 1)
    return problems


SCENARIOS = [
    Scenario("a person approves: once, and nothing else", "approve", once),
    Scenario("a person types another name", "approve", wrong_answer),
    Scenario("the agent runs approve itself, in seven ways", "approve", inside),
    Scenario("managed signers: hers passes, no other, none", "approve", signatures),
    Scenario("doctor and install on this client", "doctor", doctor),
]


def drive(scenario, binary, client, onfailure):
    with Machine(binary, client) as machine:
        return scenario.play(machine, onfailure)
