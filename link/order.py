#!/usr/bin/env python3
"""Finds out which functions everyday calls run, and writes link/order.ld: link/order.py PROGRAM

The linker then lays these functions together, the commonest first. Without that they lie all over the program, and a
call pays for a page fault in nearly every 64 KB of it: more than for everything else it does. PROGRAM is a static
release build with its symbols (CARGO_PROFILE_RELEASE_STRIP=false). Needs valgrind and nm. A list that has grown old does no
harm: what isn't in it is only laid elsewhere.
"""
import itertools
import json
import pathlib
import re
import subprocess
import sys
import tempfile
from collections import Counter

COMMANDS = [
    "ls -la",
    "git status && git diff --stat | head -20",
    "rm -rf /",
    "cd src && npm test 2>&1 | tail -5",
    "rm -rf node_modules dist && npm ci",
    'X=$(git rev-parse HEAD); echo "$X" > /tmp/x',
    'for f in *.ts; do grep -n foo "$f"; done',
    "cat <<'EOF' > a.txt\nhello\nEOF",
    "FOO=1 cargo build --release 2>/dev/null",
    'git commit -m "$(cat <<\'EOF\'\nfix\nEOF\n)"',
]
CALLS = [("Bash", {"command": command}) for command in COMMANDS] + [
    ("Write", {"file_path": "/home/dev/shop/a.py", "content": "x = 1\n"}),
    ("Edit", {"file_path": "/home/dev/shop/a.py", "old_string": "x", "new_string": "y"}),
    ("mcp__db__execute_sql", {"query": "SELECT * FROM users"}),
]
# What is reached before the program begins, or has another name than its section.
ALWAYS = """*crt1.o(.text)
*(.text._start_c .text.__libc_start_main .text.libc_start_main_stage2 .text.static_init_tls)
*:mem*.lo(.text .text.*)
*:__set_thread_area.lo(.text .text.*)
*:syscall*.lo(.text .text.*)"""


def aliases(program):
    """The mangled names of each function: the linker makes one of those that come to the same code, under any of them."""
    at, names = {}, {}
    for line in subprocess.run(["nm", program], capture_output=True, text=True, check=True).stdout.splitlines():
        address, kind, name = line.rsplit(" ", 2)
        if kind in "tT":
            at[name] = address
            names.setdefault(address, []).append(name)
    return {name: names[address] for name, address in at.items()}


def functions(program, tool, arguments, home):
    """The mangled names of everything that the hook runs on a call."""
    event = {"session_id": "s", "transcript_path": "/tmp/t", "cwd": f"{home}/shop", "permission_mode": "default",
             "hook_event_name": "PreToolUse", "tool_name": tool, "tool_input": arguments, "tool_use_id": "t"}
    with tempfile.NamedTemporaryFile() as out:
        command = ["valgrind", "--tool=callgrind", "--demangle=no", f"--callgrind-out-file={out.name}", program, "hook"]
        subprocess.run(command, input=json.dumps(event).encode(), capture_output=True, check=False,
                       env={"CLAUDE_PROJECT_DIR": f"{home}/shop", "HOME": home, "PATH": "/usr/bin:/bin"})
        names = re.findall(r"^c?fn=\(\d+\) (\S+)$", pathlib.Path(out.name).read_text(), re.M)
    return {re.sub(r"'\d+$", "", name) for name in names}


def pattern(name):
    """The same function in another build: what is a hash in its name can be anything."""
    if not name.startswith("_R"):
        # C: an object file for each function, under this name or that of which it is the alias.
        return f"*:{name.strip('_')}.lo(.text .text.*)\n    *(.text.{name} .text.__{name})"
    name = re.sub(r"Cs[0-9A-Za-z]+_", "Cs*_", re.sub(r"\.(llvm\.)?\d+$", "*", name))
    return f"*(.text*.{name})"


def main():
    """Writes the script."""
    count, known = Counter(), aliases(sys.argv[1])
    with tempfile.TemporaryDirectory() as home:
        # With policies and without.
        policies = pathlib.Path(__file__).parent.parent / "benches/process/src/policies"
        for place, name in [(".claude/countersign.toml", "user"), ("shop/.claude/countersign.toml", "project"),
                            ("shop/.claude/countersign.local.toml", "local")]:
            path = pathlib.Path(home, place)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text((policies / f"{name}.toml").read_text())
        for (tool, arguments), where in itertools.product(CALLS, ["/home/dev", home]):
            found = functions(sys.argv[1], tool, arguments, where)
            found = {alias for name in found for alias in known.get(name, [name])}
            names = {pattern(name) for name in found if re.match(r"\w+", name) and not name.startswith("0x")}
            # What the commonest calls of all need comes before what many others need.
            count.update(dict.fromkeys(names, len(CALLS) if arguments == CALLS[0][1] else 1))
    if len(count) < 100:
        sys.exit(f"{sys.argv[1]}: only {len(count)} functions have names: build it with its symbols")
    often = sorted(count, key=lambda name: (-count[name], name))
    lines = ALWAYS.splitlines() + often
    script = "/* Written by link/order.py: the functions of everyday calls, the commonest first. */\n"
    script += "SECTIONS\n{\n  .text.often :\n  {\n" + "".join(f"    {line}\n" for line in lines)
    # Nothing is ever unwound: what says how, which the standard library brings along, is a twentieth of the program.
    script += "  }\n  /DISCARD/ : { *(EXCLUDE_FILE(*crtbegin*.o *crtend*.o) .eh_frame) *(.gcc_except_table .gcc_except_table.*) }\n}\nINSERT BEFORE .text;\n"
    pathlib.Path(__file__).with_name("order.ld").write_text(script)


main()
