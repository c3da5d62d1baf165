#!/usr/bin/env python3
"""Does the real Claude Code client obey countersign? Each row is one scripted turn of it, with no network.

usage: tests/realclient/run.py [--client VERSION] [--only TEXT] [BINARY]
       (default: target/release/countersign, else target/debug/countersign; the newest client)

A row registers the binary the way a user would (`countersign install`, the files in examples/settings/, or the plugin), has
the model ask for one call, and looks at the world afterwards: whether the file is there, whether the MCP server was called.
cases.py, modes.py and faults.py hold the rows, scenarios.py and dropped.py what takes more than one call.

The client is `@anthropic-ai/claude-code` in one of the versions below, installed from npm into target/realclient (with
whatever registry npm is configured for), or the one that $CLAUDE_BIN names. Where it can't be had, or namespaces
can't be used, this fails: a guard that wasn't tried isn't known to work. Whoever knows that sets
COUNTERSIGN_SKIP_REALCLIENT=1, and is told that nothing was tried.

Linux only (it needs `unshare` from util-linux); about a second a row. The person who approves is
target/debug/examples/person: cargo build --example person.
"""
import argparse, os, shutil, subprocess, sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.dont_write_bytecode = True
import cases, client, dropped, faults, modes, scenarios
from registration import ROOT

#: The newest, and the last that npm gives to old Nodes, which doesn't know `onFailure`.
NEWEST, OLD = "2.1.330", "2.1.197"


def give_up(why):
    print(f"\n*** THE REAL CLIENT WAS NOT TRIED: {why}\n", file=sys.stderr)
    if os.environ.get("COUNTERSIGN_SKIP_REALCLIENT") == "1":
        print("*** COUNTERSIGN_SKIP_REALCLIENT=1: going on all the same\n0 passed, 0 failed (real client skipped)")
        sys.exit(0)
    print("0 passed, 1 failed")
    sys.exit(1)


def find_client(version):
    """The client's native binary: the npm package's own entry only starts that."""
    if named := os.environ.get("CLAUDE_BIN"):
        return Path(named) if os.access(named, os.X_OK) else give_up(f"CLAUDE_BIN={named} can't be run")
    cache = ROOT / "target" / "realclient" / version
    found = lambda: next((p for p in sorted(cache.glob("node_modules/@anthropic-ai/claude-code-*/claude")) if version_of(p) == version), None)
    if not found():
        if not shutil.which("npm"):
            give_up("there is no npm to install it with")
        cache.mkdir(parents=True, exist_ok=True)
        subprocess.run(["npm", "install", "--prefix", cache, "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error",
                        f"@anthropic-ai/claude-code@{version}"], stdin=subprocess.DEVNULL)
    return found() or give_up(f"npm could not install version {version}")


def version_of(path):
    """npm installs the binaries of both C libraries where it can't tell them apart: one of them doesn't run."""
    try:
        said = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=60).stdout
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return said.split()[0] if said else ""


def find_binary(named):
    places = [Path(named)] if named else [ROOT / "target" / kind / "countersign" for kind in ("release", "debug")]
    binary = next((place.resolve() for place in places if os.access(place, os.X_OK)), None)
    return binary or sys.exit("no binary to try: build one first, or name it")


def attempt(row, binary, program, onfailure):
    """What was expected of a row, what happened, and what is wrong with that."""
    try:
        if isinstance(row, scenarios.Scenario):
            problems = scenarios.drive(row, binary, program, onfailure)
            if scenarios.OPEN in problems:
                return cases.STOPPED, cases.RAN, problems
            return "as told", "as told" if not problems else "else", problems
        outcome = client.drive(row, binary, program)
        return row.outcome(onfailure)[0], outcome.happened, list(outcome.problems(row, onfailure))
    except Exception as error:
        return "?", "?", [f"it couldn't be tried: {error!r}"]


def options():
    read = argparse.ArgumentParser(usage=__doc__.split("usage: ")[1].splitlines()[0])
    read.add_argument("--client", default=NEWEST)
    read.add_argument("--only", default="")
    read.add_argument("--isolated", default="")
    read.add_argument("binary", nargs="?")
    return read.parse_args()


def main():
    wanted = options()
    if not wanted.isolated:
        binary, program = find_binary(wanted.binary), find_client(wanted.client)
        if not os.access(scenarios.PERSON, os.X_OK):
            sys.exit("there is nobody to approve: cargo build --example person")
        # Root needs no user namespace, and in some containers may not have one.
        unshare = ["unshare", "--net", *([] if os.geteuid() == 0 else ["--map-root-user"]), "--"]
        if subprocess.run([*unshare, "true"], capture_output=True).returncode != 0:
            give_up("`unshare --net` doesn't work here, and it is only run without a network")
        sys.stdout.flush()
        os.execvp("unshare", [*unshare, sys.executable, __file__, "--isolated", str(program), "--only", wanted.only, str(binary)])
    client.isolated()
    client.raise_loopback()
    binary, program = Path(wanted.binary), Path(wanted.isolated)
    version = version_of(program)
    onfailure = tuple(map(int, version.split("."))) >= (2, 1, 295)
    rows = [row for row in [*cases.CASES, *modes.CASES, *faults.CASES, *scenarios.SCENARIOS, *dropped.SCENARIOS] if wanted.only in f"{row.group}: {row.name}"]
    table(rows, version, onfailure, lambda row: attempt(row, binary, program, onfailure))


def table(rows, version, onfailure, play):
    width, group_width = (max(len(text) for text in column) for column in zip(*((row.name, row.group) for row in rows)))
    print(f"Claude Code {version}, which {'knows' if onfailure else 'does not know'} `onFailure`\n")
    print(f"{'group':{group_width}}  {'row':{width}}  {'mode':17}  {'expected':8}  {'happened':8}  ")
    passed, failed, open_, again = Counter(), Counter(), [], []
    # Most of the time they wait: for timeouts, and for the client to see a change.
    with ThreadPoolExecutor(2 * (os.cpu_count() or 1)) as pool:
        for row, (expected, happened, problems) in zip(rows, pool.map(play, rows)):
            # What was let through once was let through: a guard that fails on a busy machine fails.
            if problems and (expected, happened) == (cases.STOPPED, cases.RAN):
                failed[row.group] += 1
            elif problems:
                again.append(row)
            else:
                passed[row.group] += 1
            fails_open = getattr(row, "fails_open", False) and not onfailure
            if fails_open:
                open_.append(row.name)
            print(f"{row.group:{group_width}}  {row.name:{width}}  {row.mode:17}  {expected:8}  {happened:8}  ",
                  "FAILED" if problems else "ok, fails open" if fails_open else "ok", *(f"\n    {problem}" for problem in problems), sep="", flush=True)
    # On a busy machine, rows that run at once can be in each other's way. What fails alone, too, has failed.
    for row in again:
        expected, happened, problems = play(row)
        (failed if problems else passed)[row.group] += 1
        print(f"{row.group:{group_width}}  {row.name:{width}}  again, alone       {expected:8}  {happened:8}  ",
              "FAILED" if problems else "ok", *(f"\n    {problem}" for problem in problems), sep="", flush=True)
    print()
    for group in dict.fromkeys(row.group for row in rows):
        print(f"{group:{group_width}}  {passed[group]:3} passed  {failed[group]:3} failed")
    if open_:
        print(f"\n{len(open_)} rows fail open on {version}, for want of `onFailure`: {', '.join(dict.fromkeys(open_))}")
    print(f"\n{passed.total()} passed, {failed.total()} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
