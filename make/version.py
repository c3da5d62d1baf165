#!/usr/bin/env python3
"""Prints the version, once every place that names it says the same: make/version.py [TAG]

TAG, if it is given, must be `v` and the version.
"""
import json
import pathlib
import sys
import tomllib

ROOT = pathlib.Path(__file__).resolve().parent.parent


def main():
    """Compares."""
    version = tomllib.loads((ROOT / "Cargo.toml").read_text(encoding="utf-8"))["package"]["version"]
    locked = [package["version"] for package in tomllib.loads((ROOT / "Cargo.lock").read_text(encoding="utf-8"))["package"]
              if package["name"] == "countersign"]
    plugin = json.loads((ROOT / ".claude-plugin/plugin.json").read_text(encoding="utf-8"))
    said = {"Cargo.lock": locked[0], ".claude-plugin/plugin.json": plugin["version"]}
    if len(sys.argv) > 1:
        tag = sys.argv[1]
        said["the tag"] = tag[1:] if tag.startswith("v") else f"{tag}, without a v"
    for place, other in said.items():
        if other != version:
            sys.exit(f"make/version.py: Cargo.toml says version {version}, and {place} says {other}")
    print(version)


main()
