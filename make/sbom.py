#!/usr/bin/env python3
"""The bill of materials of a release as CycloneDX 1.5: make/sbom.py TARGET [PROGRAM]

Printed on stdout. What the program holds is as cargo resolves it for the target, with the checksums of Cargo.lock; crates
that only run while it is built (macros, and what they need) have the scope "excluded". The same source gives the same
bytes. With PROGRAM, its own SHA-256 is in it, too.
"""
import hashlib
import json
import pathlib
import re
import subprocess
import sys
import tomllib
import uuid

ROOT = pathlib.Path(__file__).resolve().parent.parent
FORMAT = " {p} | {l}"
# What a release holds beside crates: the compiler's own library, and the C library that comes with it.
STANDARD = {"name": "rust-std", "license": "MIT OR Apache-2.0"}
MUSL = {"name": "musl", "license": "MIT"}


def run(*command):
    """The output of a command in the project's folder."""
    return subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout


def tree(target):
    """Each line of cargo's tree as (depth, name, version, is a macro, license)."""
    text = run("cargo", "tree", "--locked", "--edges", "normal", "--prefix", "depth", "--no-dedupe", "--target", target,
               "--format", FORMAT)
    for line in text.splitlines():
        found = re.fullmatch(r"(\d+) (\S+) v(\S+)( .*)? \| (.*)", line)
        if not found:
            sys.exit(f"make/sbom.py: cargo tree printed a line that it can't read: {line}")
        depth, name, version, more, license = found.groups()
        yield int(depth), name, version, "(proc-macro)" in (more or ""), license


def graph(target):
    """The crates by (name, version): license, what each needs, and whether it is linked into the program."""
    crates, above = {}, []
    for depth, name, version, macro, license in tree(target):
        key = (name, version)
        crate = crates.setdefault(key, {"license": license, "needs": set(), "linked": False})
        del above[depth:]
        if above:
            crates[above[-1][0]]["needs"].add(key)
        linked = not macro and (not above or above[-1][1])
        crate["linked"] |= linked
        above.append((key, linked))
    return crates


def purl(kind, name, version):
    """The package URL; `+` has another meaning there."""
    return f"pkg:{kind}/{name}@{version.replace('+', '%2B')}"


def component(kind, name, version, license, linked=True):
    """One entry of the list."""
    reference = purl(kind, name, version)
    return {
        "type": "library",
        "bom-ref": reference,
        "name": name,
        "version": version,
        "scope": "required" if linked else "excluded",
        "licenses": [{"expression": license.replace("/", " OR ")}],
        "purl": reference,
    }


def beside_crates(target):
    """The standard library, and musl where it is linked in."""
    version = re.search(r"^release: (\S+)", run("rustc", "-vV"), re.M).group(1)
    found = [component("generic", STANDARD["name"], version, STANDARD["license"])]
    if target.endswith("-musl"):
        folder = run("rustc", "--print", "target-libdir", "--target", target).strip()
        numbers = set(re.findall(rb"\0(1\.\d+\.\d+)\0", pathlib.Path(folder, "self-contained/libc.a").read_bytes()))
        if len(numbers) != 1:
            sys.exit(f"make/sbom.py: musl's libc.a names the versions {sorted(numbers)}, where one was expected")
        found.append(component("generic", MUSL["name"], numbers.pop().decode(), MUSL["license"]))
    return found


def main():
    """Prints it."""
    if len(sys.argv) not in (2, 3):
        sys.exit("usage: make/sbom.py TARGET [PROGRAM]")
    target = sys.argv[1]
    lock = (ROOT / "Cargo.lock").read_bytes()
    checksums = {(package["name"], package["version"]): package.get("checksum")
                 for package in tomllib.loads(lock.decode())["package"]}
    crates = graph(target)
    root = next(iter(crates))
    listed = []
    for key in sorted(crates.keys() - {root}):
        entry = component("cargo", *key, crates[key]["license"], crates[key]["linked"])
        entry["hashes"] = [{"alg": "SHA-256", "content": checksums[key]}]
        listed.append(entry)
    extra = beside_crates(target)
    needs = {purl("cargo", *key): sorted(purl("cargo", *one) for one in crate["needs"]) for key, crate in crates.items()}
    needs[purl("cargo", *root)] += [entry["purl"] for entry in extra]
    program = component("cargo", *root, crates[root]["license"]) | {"type": "application"}
    del program["scope"]
    if len(sys.argv) == 3:
        digest = hashlib.sha256(pathlib.Path(sys.argv[2]).read_bytes()).hexdigest()
        program["hashes"] = [{"alg": "SHA-256", "content": digest}]
    bill = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {
            "component": program,
            "properties": [{"name": "countersign:target", "value": target}],
        },
        "components": listed + extra,
        "dependencies": [{"ref": ref, "dependsOn": sorted(on)} for ref, on in sorted(needs.items())]
        + [{"ref": entry["purl"], "dependsOn": []} for entry in extra],
    }
    # A number of its own for each content, the same for the same.
    digest = hashlib.sha256(json.dumps(bill, sort_keys=True).encode()).hexdigest()
    bill = {"bomFormat": bill["bomFormat"], "specVersion": bill["specVersion"],
            "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_OID, digest)}"} | bill
    sys.stdout.reconfigure(newline="\n")
    print(json.dumps(bill, indent=2))


main()
