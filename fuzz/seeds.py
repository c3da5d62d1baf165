#!/usr/bin/env python3
"""Makes what the fuzzer starts from out of the project's own tests: seeds.py FOLDER

FOLDER/<target>/ gets the seeds, FOLDER/<target>.dict the words. Nothing of it is kept in the repository.
"""
import hashlib
import json
import re
import sys
import tomllib
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Of each kind at most so many: the fuzzer runs them all before it begins.
MOST = 1500
LONGEST = 8_000
WORDS = 400
LANGUAGES = ["python", "javascript", "ruby", "perl", "php", "awk", "sed", "mongo", "graphql", "redis", "ex", "options"]
PREFIXES = {"sh", "sql", "mcp", "write", "edit", "powershell", *LANGUAGES}


def examples():
    """The calls of the corpora and of the rules: kind and text."""
    for path in sorted(ROOT.glob("tests/corpus/*.toml")):
        for cases in tomllib.loads(path.read_text()).values():
            for case in cases:
                yield split(case if isinstance(case, str) else case["call"], "sh")
    for path in sorted(ROOT.glob("src/rules/packs/*.toml")):
        for rule in rules(path.read_text()):
            subject = "sql" if rule.get("statement") else "mcp" if rule.get("tool") or rule.get("verb") else "sh"
            for key in ("hits", "passes"):
                calls = rule.get(key, [])
                for call in [calls] if isinstance(calls, str) else calls:
                    yield split(call, subject)


def rules(text):
    """The rules of a pack, each read by itself: a few are written in a newer TOML than Python's, and left out."""
    for table in re.split(r"(?m)^(?=\[\[?\w)", text):
        if table.startswith("[[rule]]"):
            try:
                yield from tomllib.loads(table)["rule"]
            except tomllib.TOMLDecodeError:
                pass


def split(call, subject):
    call = call.removeprefix("unattended:").lstrip()
    prefix, colon, rest = call.partition(":")
    return (prefix, rest.lstrip()) if colon and prefix in PREFIXES else (subject, call)


def event(tool, given):
    whole = json.loads((ROOT / "tests/recorded/pretooluse-bash-default.json").read_text())
    whole |= {"tool_name": tool, "tool_input": given}
    return json.dumps(whole, ensure_ascii=False)


def quoted(text):
    """What stands between quotes behind an option that takes code: the other languages inside of commands."""
    return re.findall(r"""(?:-e|-c|-E|--eval|-r|-Q|<<'?E'?)\s*(?:'([^']*)'|"([^"]*)")""", text)


def code(language, text):
    return chr(LANGUAGES.index(language)) + text


def collect():
    seeds = {name: [] for name in ("protocol", "shell", "sql", "powershell", "code", "policy", "hook")}
    for kind, text in examples():
        if kind == "sh":
            seeds["shell"].append(text)
            seeds["hook"].append(event("Bash", {"command": text}))
            inside = [one or other for one, other in quoted(text)]
            for language, pattern in (
                ("python", r"\bpython"), ("javascript", r"\b(node|deno|bun)\b"), ("ruby", r"\bruby"), ("perl", r"\bperl"),
                ("php", r"\bphp\b"), ("awk", r"\b[gm]?awk\b"), ("sed", r"\bsed\b"), ("mongo", r"\bmongo"),
                ("redis", r"\bredis"), ("ex", r"\b(vim?|ex)\b"), ("graphql", r"graphql"),
            ):
                if re.search(pattern, text):
                    seeds["code"].extend(code(language, piece) for piece in inside or re.findall(r"'([^']*)'", text))
            if re.search(r"sql|duckdb|clickhouse|snow", text):
                seeds["sql"].extend(inside)
            if re.search(r"powershell|pwsh", text):
                seeds["powershell"].extend(inside)
            if found := re.match(r"cmd(?:\.exe)? /c (.*)", text):
                seeds["powershell"].append("\x01" + found[1].strip("\"'"))
        elif kind == "mcp":
            name, _, given = text.partition(" ")
            name = name if name.startswith("mcp__") else f"mcp__probe__{name}"
            try:
                seeds["hook"].append(event(name, json.loads(given or "{}")))
            except json.JSONDecodeError:
                pass
        elif kind in ("write", "edit"):
            path, *parts = [part.strip() for part in text.split("⏎")] + ["", ""]
            names = ("content",) if kind == "write" else ("old_string", "new_string")
            seeds["hook"].append(event(kind.title(), {"file_path": path, **dict(zip(names, parts))}))
        elif kind in ("sql", "powershell"):
            seeds[kind].append(text)
            seeds["hook"].append(event("PowerShell", {"command": text}) if kind == "powershell" else text)
        else:
            seeds["code"].append(code(kind, text))
    recorded = [path.read_text() for path in sorted(ROOT.glob("tests/recorded/*.json"))]
    seeds["protocol"] += recorded
    seeds["hook"] += recorded
    seeds["protocol"] += seeds["hook"][:: max(1, len(seeds["hook"]) // 300)]
    seeds["shell"] += [json.loads(line)["script"] for line in (ROOT / "tests/corpus/shell.jsonl").read_text().splitlines()]
    lines = (ROOT / "tests/sql_cases.txt").read_text().splitlines()
    seeds["sql"] += [line.replace("¶", "\n") for line in lines if not line.startswith("=>")]
    files = [*ROOT.glob("src/rules/packs/*.toml"), *ROOT.glob("benches/process/src/policies/*.toml"),
             *ROOT.glob("examples/**/*.toml"), *ROOT.glob("tests/policy/**/*.toml"), *ROOT.glob("docs/**/*.toml")]
    for path in sorted(files):
        tables = re.split(r"(?m)^(?=\[)", path.read_text())
        # Whole small files, and the tables of large ones, alone and in twos.
        seeds["policy"].append("".join(tables))
        seeds["policy"] += tables
        seeds["policy"] += ["".join(pair) for pair in zip(tables[1::7], tables[2::7])]
    for page in sorted(ROOT.glob("docs/*.md")):
        seeds["policy"] += re.findall(r"```toml\n(.*?)```", page.read_text(), re.S)
    return seeds


def main():
    folder = Path(sys.argv[1])
    for target, texts in collect().items():
        texts = sorted({text for text in texts if text and len(text.encode(errors="surrogatepass")) <= LONGEST})
        here = folder / target
        here.mkdir(parents=True, exist_ok=True)
        for text in texts[:: max(1, -(-len(texts) // MOST))]:
            seed = text.encode(errors="surrogatepass")
            (here / hashlib.sha1(seed).hexdigest()).write_bytes(seed)
        words = Counter(word for text in texts for word in set(re.findall(r"[\w.-]{2,24}|[^\w\s]{1,3}", text, re.A)))
        escaped = ("".join(c if c.isascii() and c.isprintable() and c not in '"\\' else "".join(
            f"\\x{b:02x}" for b in c.encode(errors="surrogatepass")) for c in word) for word, _ in words.most_common(WORDS))
        (folder / f"{target}.dict").write_text("".join(f'"{word}"\n' for word in escaped))
    return 0


if __name__ == "__main__":
    sys.exit(main())
