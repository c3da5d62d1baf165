#!/usr/bin/env python3
"""Compares the packs with tests/help/: commands that no help knows, options that a command doesn't have, values and flags
that are confused. `check_packs.py [PACK.toml …]`. What it prints is to be judged: a help may be older than a rule.
"""

import fnmatch
import itertools
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def trees():
    """{program: {path: {"options": {spelling: kind}, "alias": […]}}}"""
    programs = {}
    for file in sorted((ROOT / "tests/help").glob("*.txt")):
        program = path = None
        for line in file.read_text().split("\n"):
            if line.startswith("#"):
                program = line[2:].split(",")[0].rsplit(" ", 1)[0]
                old = "only commands like" in line
                programs.setdefault(program, {"": {"file": file.name, "part": old, "thin": "without the" in line or old}})
            elif line and not line.startswith(" "):
                path = programs[program].setdefault(line, {"options": {}, "alias": []})
            elif line.startswith("  alias: "):
                path["alias"] = line.split(": ", 1)[1].split()
            elif line.strip():
                for name in line.split():
                    kind = "[=]" if name.endswith("[=]") else "=" if name.endswith("=") else ""
                    path["options"][name.removesuffix("[=]").rstrip("=")] = kind
    # Files with one head for several programs: `lvremove` of lvm2, `ip6tables` of firewalls.
    for program, tree in list(programs.items()):
        for path in [p for p in tree if p and p.split(" ")[0] != program.split(" ")[0]]:
            programs.setdefault(path.split(" ")[0], {"": tree[""]})[path] = tree[path]
    return programs


def spread(command):
    """`volume rm|delete` and `{a,b} c`: all paths."""
    words = []
    for word in command.split(" "):
        if word.startswith("{") and word.endswith("}"):
            words.append(word[1:-1].split(","))
        else:
            words.append(word.split("|"))
    return [" ".join(w) for w in itertools.product(*words)]


def find(tree, program, path):
    """The entries that a path of a rule names (globs, aliases)."""
    want = path.split(" ")
    found = []
    for known, entry in tree.items():
        if not known:
            continue
        have = known.split(" ")[len(program.split(" ")):]
        if len(have) < len(want):
            continue
        ok = True
        for at, (w, h) in enumerate(zip(want, have)):
            name = " ".join([program] + have[: at + 1])
            others = [a.split(" ")[-1] for a in tree.get(name, {}).get("alias", [])] + [h]
            if not any(fnmatch.fnmatchcase(o, w) for o in others):
                ok = False
                break
        if ok:
            found.append((known, entry, len(have) == len(want)))
    by_alias = [(k, e, True) for k, e in tree.items() if k and path in e["alias"]]
    return [f for f in found if f[2]] or found or by_alias


def bare(option):
    return option.split("=")[0]


def options_of(tree, program, entries):
    have = dict(tree.get(program, {}).get("options", {}))
    for path, entry, _ in entries:
        words = path.split(" ")
        for at in range(1, len(words) + 1):
            have |= tree.get(" ".join(words[:at]), {}).get("options", {})
    return have


def known(option, have):
    return option in have or option in ("-h", "--help", "-?", "-help", "--version", "--", "-#") or "*" in option or any(
        option == "--no-" + h[2:] for h in have)


def conditions(rule):
    for key in ("when", "unless", "forced"):
        value = rule.get(key, [])
        for one in value if isinstance(value, list) else [value]:
            for part in ("option", "every", "without"):
                names = one.get(part, [])
                for name in names if isinstance(names, list) else [names]:
                    yield key, bare(name)


def joined(text):
    """Inline tables over several lines (TOML 1.1) on one line each, without comments, for Python's reader of TOML 1.0."""
    out, depth, quote, at = [], 0, "", 0
    while at < len(text):
        c = text[at]
        if quote:
            if c == "\\" and quote == '"':
                out.append(c)
                at += 1
                c = text[at]
            elif text.startswith(quote, at):
                out.append(quote)
                at += len(quote)
                quote = ""
                continue
        elif c in "\"'":
            quote = c * 3 if text.startswith(c * 3, at) else c
            out.append(quote)
            at += len(quote)
            continue
        elif c == "#":
            at = text.find("\n", at)
            continue
        elif c == "{":
            depth += 1
        elif c == "}":
            depth -= 1
            while out and (out[-1].isspace() or out[-1] == ","):
                out.pop()
        elif c == "\n" and depth:
            c = " "
        out.append(c)
        at += 1
    return "".join(out)


def listed(value):
    return value if isinstance(value, list) else [value]


def of_table(table, help_of):
    """What is wrong with a `[[program]]`. An option is unknown only where none of its programs has it."""
    told, unknown = [], {}
    names = [n for n in listed(table["name"]) if n in help_of]
    for name in names:
        tree = help_of[name]
        everywhere = {}
        for path, entry in tree.items():
            for option, kind in entry.get("options", {}).items():
                everywhere.setdefault(option, {}).setdefault(kind, []).append(path)
        for key, wrong in (("values", ""), ("flags", "=")):
            for option in table.get(key, []):
                kinds = everywhere.get(bare(option))
                if kinds is None:
                    if not known(option, everywhere) and not tree[""]["thin"]:
                        unknown.setdefault(f"{key} {option}", []).append(name)
                elif set(kinds) == {wrong}:
                    told.append(f"{name}: {key} {option}: help says otherwise ({', '.join(kinds[wrong][:3])})")
                elif wrong in kinds:
                    told.append(f"{name}: {key} {option}: but not of {', '.join(kinds[wrong][:4])}")
        listed_here = {bare(o) for o in table.get("values", []) + table.get("flags", [])}
        for sub in table.get("sub", []):
            listed_here |= {bare(o) for o in sub.get("values", []) + sub.get("flags", [])}
            for path in (p for c in listed(sub["command"]) for p in spread(c)):
                entries = find(tree, name, path)
                if not entries:
                    unknown.setdefault(f"sub command {path}", []).append(name)
                    continue
                have = options_of(tree, name, entries)
                for key, wrong in (("values", ""), ("flags", "=")):
                    for option in sub.get(key, []):
                        if have.get(bare(option)) == wrong:
                            told.append(f"{name} {path}: sub {key} {option}: help says otherwise")
                        elif not known(bare(option), have) and not tree[""]["thin"]:
                            unknown.setdefault(f"sub {path} {key} {option}", []).append(name)
        root = tree.get(name, {}).get("options", {})
        missing = [o for o in root if o not in listed_here and not known(o, {})]
        if missing and len(tree) > 3:
            told.append(f"{name}: not listed, but options of every command: " + " ".join(o + root[o] for o in missing))
    gone = {}
    for what, by in unknown.items():
        if len(by) == len(names):
            gone.setdefault(what.rsplit(" ", 1)[0], []).append(what.rsplit(" ", 1)[1])
    told += [f"{'/'.join(names)}: {what}: not in help: {' '.join(options)}" for what, options in gone.items()]
    return told


def of_rule(rule, help_of):
    """Commands and options of a rule that none of its programs has."""
    told, names = [], [n for n in listed(rule.get("program", [])) if n in help_of]
    paths = [p for c in listed(rule.get("command", "")) for p in spread(c)] or [""]
    anything, options = {}, set()
    for path in paths:
        there = []
        for name in names:
            tree = help_of[name]
            entries = find(tree, name, path) if path else [(p, e, True) for p, e in tree.items() if p]
            if entries or tree[""]["part"] or len([p for p in tree if p]) < 2:
                there.append(name)
            anything |= options_of(tree, name, entries) if entries else {}
            if tree[""]["thin"]:
                options = None
        if names and not there:
            told.append(f"{rule['id']}: {'/'.join(names)} {path}: no such command")
    if options is not None and anything and len(names) == len(listed(rule.get("program", []))):
        for key, option in conditions(rule):
            if not known(option, anything):
                told.append(f"{rule['id']}: {key} {option}: no option of {'/'.join(names)} {'|'.join(paths)}")
    return told


def main():
    help_of = trees()
    packs = [Path(p) for p in sys.argv[1:]] or sorted((ROOT / "src/rules/packs").glob("*.toml"))
    for pack in packs:
        data = tomllib.loads(joined(pack.read_text()))
        told = []
        for table in data.get("program", []):
            told += of_table(table, help_of)
        for rule in data.get("rule", []):
            told += of_rule(rule, help_of)
        if told:
            print(f"== {pack.name}")
            print("\n".join(dict.fromkeys(told)))


if __name__ == "__main__":
    main()
