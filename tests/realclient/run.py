#!/usr/bin/env python3
"""Does the real Claude Code client obey countersign? Each case is one scripted turn of it, with no network.

usage: tests/realclient/run.py [BINARY]        (default: target/release/countersign, else target/debug/countersign)

A case registers the binary the way a user would (the files in examples/settings/, or the plugin), has the model ask
for one call, and looks at the world afterwards: whether the file is there, whether the MCP server was called.

The client is `@anthropic-ai/claude-code` in the version below, installed from npm into target/realclient (with
whatever registry npm is configured for), or the one that $CLAUDE_BIN names. Where it can't be had, or namespaces
can't be used, this fails: a guard that wasn't tried isn't known to work. Whoever knows that sets
COUNTERSIGN_SKIP_REALCLIENT=1, and is told that nothing was tried.

Linux only (it needs `unshare` from util-linux); a few seconds a case.
"""
import os, shutil, subprocess, sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.dont_write_bytecode = True
from cases import CASES
from client import ROOT, drive, isolated, raise_loopback

VERSION = "2.1.330"
CACHE = ROOT / "target" / "realclient" / VERSION


def give_up(why):
    print(f"\n*** THE REAL CLIENT WAS NOT TRIED: {why}\n", file=sys.stderr)
    if os.environ.get("COUNTERSIGN_SKIP_REALCLIENT") == "1":
        print("*** COUNTERSIGN_SKIP_REALCLIENT=1: going on all the same\n0 passed, 0 failed (real client skipped)")
        sys.exit(0)
    print("0 passed, 1 failed")
    sys.exit(1)


def find_client():
    """The client's native binary: the npm package's own entry only starts that."""
    if named := os.environ.get("CLAUDE_BIN"):
        return Path(named) if os.access(named, os.X_OK) else give_up(f"CLAUDE_BIN={named} can't be run")
    found = lambda: next((p for p in sorted(CACHE.glob("node_modules/@anthropic-ai/claude-code-*/claude")) if runs(p)), None)
    if not found():
        if not shutil.which("npm"):
            give_up("there is no npm to install it with")
        CACHE.mkdir(parents=True, exist_ok=True)
        subprocess.run(["npm", "install", "--prefix", CACHE, "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error",
                        f"@anthropic-ai/claude-code@{VERSION}"], stdin=subprocess.DEVNULL)
    return found() or give_up(f"npm could not install version {VERSION}")


def runs(path):
    """npm installs the binaries of both C libraries where it can't tell them apart."""
    try:
        version = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=60).stdout
    except (OSError, subprocess.TimeoutExpired):
        return False
    return VERSION in version


def find_binary(args):
    places = [Path(args[0])] if args else [ROOT / "target" / kind / "countersign" for kind in ("release", "debug")]
    binary = next((place.resolve() for place in places if os.access(place, os.X_OK)), None)
    return binary or sys.exit("no binary to try: build one first, or name it")


def main():
    if not isolated():
        binary, client = find_binary(sys.argv[1:]), find_client()
        # Root needs no user namespace, and in some containers may not have one.
        unshare = ["unshare", "--net", *([] if os.geteuid() == 0 else ["--map-root-user"]), "--"]
        if subprocess.run([*unshare, "true"], capture_output=True).returncode != 0:
            give_up("`unshare --net` doesn't work here, and it is only run without a network")
        sys.stdout.flush()
        os.execvp("unshare", [*unshare, sys.executable, __file__, "--isolated", str(binary), str(client)])
    binary, client = map(Path, sys.argv[2:4])
    raise_loopback()
    width = max(len(case.name) for case in CASES)
    print(f"{'case':{width}}  {'mode':17}  {'expected':8}  {'happened':8}  ")
    failed = 0
    with ThreadPoolExecutor(2) as pool:
        for case, outcome in zip(CASES, pool.map(lambda case: drive(case, binary, client), CASES)):
            problems = list(outcome.problems(case))
            failed += bool(problems)
            print(f"{case.name:{width}}  {case.mode:17}  {case.expected:8}  {outcome.happened:8}  {'FAILED' if problems else 'ok'}",
                  *(f"\n    {problem}" for problem in problems), sep="", flush=True)
    print(f"\n{len(CASES) - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
