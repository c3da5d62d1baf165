"""A command tree: what a tool's own help says of its commands and options, and how it is written down."""

import re

# Commands whose last word is one of these only read; their options may be left out of the larger files.
READS = re.compile(
    r"(^|[-:_ ])(list|ls|get|show|describe|view|status|info|inspect|logs?|search|print|cat|check|validate|verify|"
    r"version|watch|wait|diff|whoami|tail|count|query|help|completion|complete|docs|explain|history|stats?|top|exists|"
    r"browse|open|console|download|export|dump|list-.*|get-.*|show-.*|describe-.*|check-.*)$"
)


class Tree:
    """Paths ("gh repo delete") with their options and aliases, in the order of the help."""

    def __init__(self, program):
        self.program = program
        self.commands = {program: {"options": {}, "alias": []}}
        self.notes = []

    def command(self, path, alias=()):
        entry = self.commands.setdefault(path, {"options": {}, "alias": []})
        last = path.split(" ")[-1]
        entry["alias"] += [a for a in alias if a and a not in entry["alias"] and a != last]
        return entry

    def option(self, path, names, kind=""):
        """`names` are the spellings of one option, `kind` is "" (a flag), "=" (takes a value) or "[=]" (may take one)."""
        options = self.command(path)["options"]
        names = tuple(dict.fromkeys(names))
        for known in list(options):
            both = set(known) & set(names)
            if any(n.startswith("--") for n in both) or both in (set(known), set(names)):
                # The same option told twice: the union of its names, and the reading with a value counts.
                # (One letter may stand for two options of one program, by its mode: mdadm.)
                kind = max(kind, options.pop(known), key=["", "[=]", "="].index)
                names = tuple(dict.fromkeys(known + names))
        options[names] = kind

    def tidy(self, keep=None, drop_reads=1500, thin=None):
        """Moves what every command takes to the program, and leaves out what nobody judges by."""
        for entry in self.commands.values():
            for names in list(entry["options"]):
                if set(names) & {"--help"} or names in (("-h",), ("-help",), ("-?",)):
                    del entry["options"][names]
        if keep:
            wanted = re.compile(keep)
            self.commands = {
                p: e for p, e in self.commands.items() if p == self.program or wanted.search(p)
            }
            self.notes.append(f"only commands like /{keep}/")
        if thin:
            # Of commands like the first, only options like the second.
            some, wanted = (re.compile(t) for t in thin)
            for path, entry in self.commands.items():
                if some.search(path):
                    entry["options"] = {n: k for n, k in entry["options"].items() if wanted.search(" ".join(n))}
            self.notes.append("of those that make or change, only options that protect or force")
        root = self.commands[self.program]["options"]
        below = [e for p, e in self.commands.items() if p != self.program and e["options"]]
        if len(below) > 2:
            for names, kind in list(below[-1]["options"].items()):
                having = sum(1 for e in below if e["options"].get(names) == kind)
                if having >= 0.9 * len(below):
                    root.setdefault(names, kind)
        for entry in below:
            for names, kind in list(entry["options"].items()):
                if root.get(names) == kind:
                    del entry["options"][names]
        if sum(len(e["options"]) for e in self.commands.values()) > drop_reads:
            for path, entry in self.commands.items():
                if path != self.program and READS.search(path):
                    entry["options"] = {}
            self.notes.append("without the options of commands that only read")

    def counts(self):
        return len(self.commands) - 1, sum(len(e["options"]) for e in self.commands.values())

    def text(self, head):
        notes = "; " + "; ".join(self.notes) if self.notes else ""
        lines = [f"# {head}{notes}"]
        for path in [self.program] + sorted(p for p in self.commands if p != self.program):
            entry = self.commands[path]
            lines.append(path)
            if entry["alias"]:
                lines.append("  alias: " + " ".join(entry["alias"]))
            for names, kind in sorted(entry["options"].items(), key=lambda o: o[0][-1].lstrip("-")):
                lines.append("  " + " ".join(n + kind for n in names))
        return "\n".join(lines) + "\n"
