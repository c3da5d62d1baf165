"""Reads help texts of every style met so far: cobra, click, argparse, oclif, commander, yargs, clap, getopt, man pages."""

import re

ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07]*\x07|\x1b[()][AB0]")
BOX = re.compile(r"[└┘┌┐│┃╭╮╰╯─━┏┓┗┛┡┩╇├┤┬┴┼]")
NAME = re.compile(r"-(?:-?(?:\[no-?\]|\(no-?\))?[A-Za-z0-9?@][\w.:+@-]*|[^\s\w-])")
HEADER = re.compile(r"^\s{0,3}(?:[A-Z][\w/&' ()\[\].-]*|[a-z ]*(?:options|commands|arguments|flags)):?\s*$")
COMMANDS = re.compile(r"\b(sub)?commands?\b|\btopics?\b|^\s{0,3}\S+ actions|\boperations\b", re.I)
NOT_THESE = re.compile(
    r"^\s*(usage|examples?|description|learn more|synopsis|see also|notes?|about|author|environment|arguments?|alias)",
    re.I,
)
TYPED = re.compile(r"\[(boolean|bool|string|number|array|count|choices:[^\]]*)\]")


def clean(text):
    text = ANSI.sub("", text)
    while re.search(r"[^\x08\n]\x08", text):
        text = re.sub(r"[^\x08\n]\x08", "", text)
    return BOX.sub(" ", text).replace("\u2013", "-").replace("\u2212", "-").replace("\u00a0", " ")


def spellings(name):
    """`--[no-]prune` stands for two options."""
    found = re.match(r"--[\[(](no-?)[\])](.*)", name)
    return ["--" + found[2], "--" + found[1] + found[2]] if found else [name]


def option(line, loose=False):
    """(names, kind) of a line that begins with an option, or None. `loose`: one blank may stand before the description."""
    rest, names, kind = line.strip(), [], ""
    while True:
        found = NAME.match(rest)
        if not found:
            break
        name = found[0].rstrip(".:")
        if name.endswith("-") and len(name) > 2:
            return None
        names += spellings(name)
        rest = re.sub(r'^ \("\w+"\)', "", rest[len(found[0]):])
        value = re.match(
            r"\[\[?=?[^\]]*\]?\]|\[=|=(?:<[^>]*>|\{[^}]*\}|\"[^\"]*\"|'[^']*'|[^\s,|]+)|=(?=[\s,]|$)| ?<[^>]*>(?:\.\.\.)?| \{[^}]*\}|"
            r" ?\[[^\]]*\](?:\.\.\.)?",
            rest,
        )
        if value and not TYPED.match(value[0].strip()):
            word = value[0]
            optional = re.match(r" ?\[[^ ]", word)
            if re.match(r"\[?=(true|false)\b", word):
                rest = rest[len(word):].lstrip(":")
                continue_names = re.match(r"\s*,\s*(?=-)", rest)
                if continue_names:
                    rest = rest[len(continue_names[0]):]
                    continue
                break
            rest = rest[len(word):]
            if optional and re.match(r"[^\s,=]", rest):  # [HOST/]OWNER/REPO
                optional, rest = False, re.sub(r"^[^\s,]+", "", rest)
            kind = max(kind, "[=]" if optional else "=", key=["", "[=]", "="].index)
        else:
            # One blank, then a word, then the end or two blanks: the word names the value.
            value = re.match(r" ([^\s,|/-][^\s]*)(?= ?,? -|\s{2,}|\s*$|,|\|| \|)", rest)
            if value is None and re.match(r" [A-Z][A-Z0-9_\[\]:<>|.,=-]+(?=\s|$)", rest):
                value = re.match(r" ([A-Z][A-Z0-9_\[\]:<>|.=-]+)", rest)
            if value is None and not loose:
                # several words before the description: `-o key=value ...`, `--size SIZE SIZE`
                value = re.match(r" ((?:[^\s,|-][^\s]* )*[^\s,|-][^\s]*)(?=\s{2,}|\s*$)", rest)
            if value and value[1] not in ("or", "and"):
                optional = value[1].startswith("[")
                kind = max(kind, "[=]" if optional else "=", key=["", "[=]", "="].index)
                rest = rest[len(value[0]):]
        rest = re.sub(r"^(?:\.\.\.)?", "", rest)
        separator = re.match(r"\s*(?:,|\||/|\bor\b)\s*(?=-)|\s{1,3}(?=--?[A-Za-z])", rest)
        if not separator:
            break
        rest = rest[len(separator[0]):]
    return (names, kind) if names else None


def sections(text):
    """(header, lines) in the order of the text."""
    header, lines = "", []
    for line in text.expandtabs(8).split("\n"):
        stripped = line.strip()
        if stripped and not re.match(r"-|.{60}", stripped) and stripped[-1] != "." and HEADER.match(line):
            yield header, lines
            header, lines = stripped, []
        elif re.match(r"^(Usage|usage|USAGE)\b", line):
            yield header, lines
            header, lines = "Usage", [line]
        elif re.match(r"^[A-Z][\w/ '()-]{2,60}:$", line):
            yield header, lines
            header, lines = stripped, []
        else:
            lines.append(line)
    yield header, lines


def commands(lines, path):
    """[(name, aliases)] of the lines of a section of commands. `path` is the command whose help it is."""
    shown = []
    for line in lines:
        if re.match(r"^\s*[A-Z][\w &-]*:?\s*$", line) or not line.strip():
            continue
        if re.match(r"^\s+\S", line) or line.startswith(path + " "):
            indent = len(line) - len(line.lstrip())
            least = min((l[0] for l in shown), default=indent)
            if shown and (indent > least + 1 or line.strip().startswith(">")):
                shown[-1][2] += " " + line.strip()  # the description goes on
            else:
                shown.append([indent, line, line])
    if not shown:
        return []
    least = min(l[0] for l in shown)
    found = []
    for indent, line, whole in shown:
        if indent > least + 1:
            continue
        rest = re.sub(r"^(\$|•|\*|-)\s+", "", line.strip())
        words = path.split(" ")
        for prefix in (" ".join(words), words[0], " ".join(words[1:])):
            if prefix and rest.startswith(prefix + " "):
                rest = rest[len(prefix) + 1:]
                break
        braces = re.match(r"\{([\w:.,@-]+)\}", rest)
        if braces:
            found += [(name, []) for name in braces[1].split(",")]
            continue
        name = re.match(r"([A-Za-z0-9][\w:.@/+-]*)(.*)", rest)
        if not name:
            continue
        word, tail = name[1].rstrip(":,."), name[2]
        aliases = []
        more = re.match(r"((?:\s?[|,/]\s?[a-z][\w:.-]*)+)(?=\s|$)", tail) if not name[1].endswith(",") else None
        if name[1].endswith(",") or more:
            more = more or re.match(r"((?:\s?[a-z][\w:-]*,?)(?=\s{2,}|$|,))+", tail)
            if more:
                aliases += re.findall(r"[\w:.-]+", more[0])
        paren = re.match(r"\s\(([a-z][\w, :-]*)\)", tail)
        if paren:
            aliases += re.findall(r"[\w:-]+", paren[1])
        told = re.search(r"\[alias(?:es)?:? ([^\]]*)\]|\(alias(?:es)?:? ([^)]*)\)", whole)
        if told:
            aliases += re.findall(r"[\w:-]+", told[1] or told[2])
        if re.match(r"^[A-Z][a-z]+$", word) or tail.strip().startswith(("- -",)):
            continue
        found.append((word, [a for a in aliases if a != "aliases"]))
    return found


def parse(text, path, style=""):
    """(commands, options, aliases): [(name, aliases)], [(names, kind, header)], [alias]."""
    text = clean(text)
    found, options, aliases = [], [], []
    for header, lines in sections(text):
        if re.match(r"\s*alias(es)?\b", header, re.I):
            last = path.split(" ")[-1]
            for word in re.findall(r"[\w:. -]+", " , ".join(lines)):
                word = word.strip().split(" ")[-1]
                if word and word != last and re.match(r"[\w:-]+$", word):
                    aliases.append(word)
            continue
        if COMMANDS.search(header) and not re.search(r"example|option|flag", header, re.I):
            found += commands([l for l in lines if not l.strip().startswith("-")], path)
            if not any(l.strip().startswith("-") for l in lines):
                continue
        if style in ("yargs", "prefix") and not NOT_THESE.match(header):
            if any(l.strip().startswith(path + " ") for l in lines):
                found += commands(lines, path)
        if NOT_THESE.match(header) and style not in ("all", "absl") and not (style == "man" and header == "DESCRIPTION"):
            # A usage line, and right below it the options.
            if header != "Usage" or sum(1 for l in lines if re.match(r"\s+-\w", l)) < 3:
                continue
        first = None
        for at, line in enumerate(lines):
            line = re.sub(r"^(\s*)\[ +(.*?)\s*\]\s*$", r"\1\2", line)
            stripped = line.strip()
            if not re.match(r"--?[\w?@#\[(]|-\S(,|\s)", stripped):
                continue
            indent = len(line) - len(line.lstrip())
            if first is None:
                first = indent
            if style != "absl" and (indent > first + (8 if style != "man" else 0) or indent < first - 8):
                continue
            first = min(first, indent)
            read = option(line, loose=style == "loose")
            if not read:
                continue
            names, kind = read
            body = [line]
            for after in lines[at + 1:]:
                if not after.strip() or after.strip().startswith("-"):
                    break
                body.append(after)
            typed = TYPED.findall(" ".join(body))
            if style == "yargs":
                kind = "" if not typed or typed[0] in ("boolean", "bool", "count") else "="
                if not typed and "[default:" in " ".join(body):
                    kind = "="
            if kind == "=" and "--verbose" in names and "multiple times" in " ".join(body):
                kind = "[=]"
            if style == "absl":
                kind = "" if "[no]" in line else "="
            options.append((names, kind, header))
    return found, options, aliases
