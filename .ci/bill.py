#!/usr/bin/env python3
"""Compares a bill of materials (stdin) with what was compiled: .ci/bill.py ARTIFACTS PROGRAM

ARTIFACTS are cargo's messages of the build (make/build.sh keeps them). Two ways that don't know of each other: the bill is
read off cargo's tree, the messages tell what the compiler ran on.
"""
import json
import pathlib
import re
import sys


def compiled(path):
    """The crates that were compiled into the program, as (name, version)."""
    for line in pathlib.Path(path).read_text().splitlines():
        message = json.loads(line)
        if message["reason"] != "compiler-artifact" or "custom-build" in message["target"]["kind"]:
            continue
        # What is for the machine that builds lies in target/release, without the target's name.
        if not any(re.search(r"[/\\][^/\\]+-[^/\\]+-[^/\\]+[/\\]release[/\\]", file) for file in message["filenames"]):
            continue
        name, version = re.search(r"([^#/@]+)(?:#|@)v?([^#@]+)$", message["package_id"]).groups()
        if message["package_id"].startswith("path+"):
            continue
        yield name, version


def main():
    """Compares."""
    bill = json.load(sys.stdin)
    built = set(compiled(sys.argv[1]))
    listed = {(one["name"], one["version"]): one for one in bill["components"] if one["purl"].startswith("pkg:cargo/")}
    linked = {key for key, one in listed.items() if one["scope"] == "required"}
    faults = [f"compiled, and not in the bill: {name} {version}" for name, version in sorted(built - linked)]
    faults += [f"in the bill, and not compiled: {name} {version}" for name, version in sorted(linked - built)]
    for name, version in sorted(listed):
        one = listed[name, version]
        if not re.fullmatch(r"[0-9a-f]{64}", one["hashes"][0]["content"]) or not one["licenses"][0]["expression"]:
            faults.append(f"without checksum or licence: {name} {version}")
    # The program itself names the source files of crates that it can stop in.
    text = pathlib.Path(sys.argv[2]).read_bytes()
    named = {tuple(found.decode().rsplit("-", 1)) for found in re.findall(rb"/registry/([\w-]+-\d+\.\d+\.\d+)[+/]", text)}
    short = {(name, version.split("+")[0]) for name, version in linked}
    faults += [f"in the program, and not in the bill: {name} {version}" for name, version in sorted(named - short)]
    if not built or not named:
        faults.append("nothing to compare with: no artifacts, or no names in the program")
    print(f"{len(linked)} crates linked, {len(listed) - len(linked)} that only build, {len(named)} named in the program")
    if faults:
        sys.exit("\n".join(faults))


main()
