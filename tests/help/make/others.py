"""Trees that need no help texts: manifests and command tables that tools ship."""

import ast
import json
import os
import re
from pathlib import Path

CODE = {
    "azure": """
import json, os, sys
from azure.cli.core import get_default_cli
from azure.cli.core.file_util import create_invoker_and_load_cmds_and_args
cli = get_default_cli()
create_invoker_and_load_cmds_and_args(cli)
found = {}
for name, command in cli.invocation.commands_loader.command_table.items():
    options = []
    for argument in command.arguments.values():
        settings = argument.type.settings
        names = [n if isinstance(n, str) else getattr(n, "target", str(n)) for n in settings.get("options_list") or []]
        action = settings.get("action")
        flag = action in ("store_true", "store_false") or "3state" in str(action) or getattr(action, "__name__", "") == "x"
        kind = "" if flag else "[=]" if settings.get("nargs") in ("?", "*") else "="
        names = [n for n in names if n.startswith("-")]
        if names:
            options.append([names, kind])
    found[name] = options
with os.fdopen(int(os.environ["TREE_FD"]), "w") as pipe:
    pipe.write(json.dumps(found))
os._exit(0)
""",
    "django": """
import json, os
import django
from django.conf import settings
from django.core.management import get_commands, load_command_class
apps = ["auth", "contenttypes", "sessions", "staticfiles", "sites"]
settings.configure(INSTALLED_APPS=["django.contrib." + a for a in apps] + ["django_extensions"], SITE_ID=1,
                   STATIC_URL="/s/", DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}})
django.setup()
found = {}
for name, app in get_commands().items():
    try:
        parser = load_command_class(app, name).create_parser("django-admin", name)
    except Exception:
        continue
    found[name] = [[a.option_strings, "" if a.nargs == 0 else "[=]" if a.nargs in ("?", "*") else "="]
                   for a in parser._actions if a.option_strings]
with os.fdopen(int(os.environ["TREE_FD"]), "w") as pipe:
    pipe.write(json.dumps(found))
os._exit(0)
""",
    "openstack": """
import importlib.metadata as m, json, os
from unittest.mock import MagicMock
found = {}
points = m.entry_points()
for point in (points if not hasattr(points, "groups") else [p for g in points.groups for p in points.select(group=g)]):
    if not point.group.startswith("openstack.") or "." not in point.group or point.group.endswith("extension"):
        continue
    try:
        parser = point.load()(MagicMock(), None).get_parser("openstack")
    except Exception:
        continue
    found[point.name.replace("_", " ")] = [
        [list(a.option_strings), "" if a.nargs == 0 else "[=]" if a.nargs in ("?", "*") else "="]
        for a in parser._actions if a.option_strings]
with os.fdopen(int(os.environ["TREE_FD"]), "w") as pipe:
    pipe.write(json.dumps(found))
    pipe.flush()
os._exit(0)
""",
    "linode": """
import json, os, sys
sys.argv = ["linode-cli", "--skip-config"]
import linodecli
found = {}
for group, actions in linodecli.cli.ops.items():
    for action, operation in actions.items():
        options = []
        for argument in getattr(operation, "args", []) or []:
            path = getattr(argument, "path", None)
            if path:
                options.append([["--" + path], "="])
        first = action[0] if isinstance(action, (list, tuple)) else action
        found[group + " " + first] = options
with os.fdopen(int(os.environ["TREE_FD"]), "w") as pipe:
    pipe.write(json.dumps(found))
os._exit(0)
""",
}


def by_code(tool, program, e, tree, folder, run):
    """A few lines of the tool's own language that print its command table."""
    import subprocess

    read, write = os.pipe()
    done = subprocess.Popen([str(folder / "bin/python"), "-c", CODE[tool["code"]]], env=e | {"TREE_FD": str(write)},
                            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, pass_fds=[write])
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        data = pipe.read()
    error = done.communicate()[1]
    if not data:
        print(error.decode()[-800:])
        return
    for path, options in json.loads(data).items():
        tree.command(f"{program} {path}")
        for names, kind in options:
            tree.option(f"{program} {path}", names, kind)


def oclif(tool, program, e, tree, folder, run):
    """The manifests that programs made with oclif ship, their own and those of their plugins."""
    modules = folder / "node_modules"
    package = re.sub(r"(?<=.)@[0-9].*", "", tool["npm"].split(" ")[0])
    main = json.loads((modules / package / "package.json").read_text())
    oclif = main.get("oclif") or json.loads((modules / tool["plugins"][0] / "package.json").read_text()).get("oclif", {})
    separator = tool.get("separator", oclif.get("topicSeparator", ":"))
    names = [package] + list(main.get("oclif", {}).get("plugins", [])) + tool.get("plugins", [])
    for name in names:
        places = [modules / name, modules / package / "node_modules" / name]
        place = next((p for p in places if (p / "oclif.manifest.json").exists()), None)
        if not place:
            continue
        manifest = json.loads((place / "oclif.manifest.json").read_text())
        for key, command in manifest["commands"].items():
            path = f"{program} {key.replace(':', separator)}"
            aliases = list(command.get("aliases", [])) + list(command.get("hiddenAliases", []))
            tree.command(path, [a.replace(":", separator) for a in aliases])
            for flag in command.get("flags", {}).values():
                spell = (["-" + flag["char"]] if flag.get("char") else []) + ["--" + flag["name"]]
                spell += ["-" + a if len(a) == 1 else "--" + a for a in flag.get("aliases", []) + flag.get("charAliases", [])]
                if flag.get("allowNo"):
                    spell.append("--no-" + flag["name"])
                tree.option(path, spell, "" if flag.get("type") == "boolean" else "=")


def gcloud(tool, program, e, tree, folder, run):
    """The static completion tree that the SDK ships: which flags take a value, but no aliases."""
    place = Path("/usr/lib/google-cloud-sdk/data/cli/gcloud_completions.py")
    root = ast.literal_eval(place.read_text().split("STATIC_COMPLETION_CLI_TREE = ", 1)[1])

    def walk(node, path):
        tree.command(path)
        for name, kind in node.get("flags", {}).items():
            tree.option(path, [name], "" if kind in ("bool", "dynamic_bool") else "=")
        for name, child in node.get("commands", {}).items():
            if path == program and name in ("alpha", "beta", "preview"):
                continue
            walk(child, f"{path} {name}")

    walk(root, program)


def sdk(tool, program, e, tree, folder, run):
    """The trees of bq and gsutil in the same SDK."""
    place = Path(f"/usr/lib/google-cloud-sdk/data/cli/{program}.json")

    def walk(node, path):
        tree.command(path)
        for name, flag in node.get("flags", {}).items():
            tree.option(path, [name], "" if flag.get("type") == "bool" or flag.get("nargs") == "0" else "=")
        for name, child in node.get("commands", {}).items():
            walk(child, f"{path} {name}")

    walk(json.loads(place.read_text()), program)


def npm_docs(tool, program, e, tree, folder, run):
    """`npm <command> --help` writes options as `[-f|--force]` and `[--tag <tag>]`."""
    listed = run(["npm", "help"], e).split("All commands:")[1].split("Specify")[0]
    for name in re.findall(r"[a-z][\w-]+", listed):
        text = run(["npm", name, "--help"], e)
        usage = text.split("Options:")
        alias = re.search(r"^alias(?:es)?: (.*)$", text, re.M)
        tree.command(f"npm {name}", re.findall(r"[\w-]+", alias[1]) if alias else ())
        for line in re.findall(r"^npm (.*)$", usage[0].split("Usage:")[-1], re.M):
            words = re.match(r"(?:[a-z][\w-]*(?: |$))+", line)
            if words and len(words[0].split()) > 1:
                tree.command("npm " + words[0].strip())
        if len(usage) > 1:
            for found in re.finditer(r"\[(-[^\[\]<]*)(<[^>]*>)?", usage[1]):
                names = [n for n in found[1].strip().split("|") if n.startswith("-")]
                if len(names) == 2 and len(names[0]) == 2:
                    tree.option(f"npm {name}", names, "=" if found[2] else "")
                else:  # alternatives, of which the last takes the value
                    for one in names:
                        tree.option(f"npm {name}", [one], "=" if found[2] and one == names[-1] else "")


def btrfs(tool, program, e, tree, folder, run):
    """`btrfs help --full`: each command's usage at four blanks, its options below."""
    import helptext

    path = program
    for line in run(["btrfs", "help", "--full"], e).split("\n"):
        usage = re.match(r"    btrfs ((?:[a-z][a-z-]+ ?)+)", line)
        if usage:
            path = f"btrfs {usage[1].strip()}"
            tree.command(path)
        elif line.strip().startswith("-"):
            read = helptext.option(line, loose=True)
            if read:
                tree.option(path, *read)


def by_firebase(tool, program, e, tree, folder, run):
    """Each command's module is asked for its options; what is registered under a name is a command."""
    code = """
    const client = require(process.argv[1] + '/node_modules/firebase-tools');
    const found = {};
    const read = (node) => {
      for (const key of Object.keys(node)) {
        if (['cli', 'logger', 'errorOut', 'getCommand'].includes(key)) continue;
        const child = node[key];
        if (typeof child !== 'function' && typeof child !== 'object') continue;
        if (child && child.load) child.load();
        if (child) read(child);
      }
    };
    for (const c of client.cli.commands) found[c.name()] = null;
    const take = () => { for (const c of client.cli.commands) found[c.name()] = {
      options: c.options.map((o) => [[o.short, o.long].filter(Boolean), o.required ? '=' : o.optional ? '[=]' : '']),
      alias: c.aliases() }; };
    const names = (client.cli.listCommands || []);
    try { read(client); } catch (e) { console.error(String(e)); }
    take();
    const root = client.cli.options.map((o) => [[o.short, o.long].filter(Boolean), o.required ? '=' : o.optional ? '[=]' : '']);
    require('fs').writeSync(1, '\\n@@' + JSON.stringify({ found, root }));
    process.exit(0);
    """
    text = run(["node", "-e", code, str(folder)], e, 120)
    if os.environ.get("SHOW"):
        print(text[:3000])
    data = json.loads(text.split("@@")[-1])
    for names, kind in data["root"]:
        tree.option(program, names, kind)
    for name, entry in data["found"].items():
        tree.command(f"{program} {name}", entry["alias"])
        for names, kind in entry["options"]:
            tree.option(f"{program} {name}", names, kind)


def by_git(tool, program, e, tree, folder, run):
    """`git <command> -h`: usage lines name the subcommands, options follow."""
    import helptext

    tree.command("git")
    for found in re.finditer(r"\[(?:(-\w) \| )?(--?[\w-]+)(=?<[^>]*>|\[=<[^>]*>\]| <[^>]*>)?", run(["git", "-h"], e)):
        kind = "[=]" if (found[3] or "").startswith("[") else "=" if found[3] else ""
        tree.option("git", [n for n in (found[1], found[2]) if n], kind)
    for name in run(["git", "--list-cmds=main"], e).split():
        if name.startswith("gui") or "--" in name or name in ("citool", "instaweb", "daemon", "http-backend", "shell"):
            continue
        text = run(["git", name, "-h"], e)
        path = f"git {name}"
        tree.command(path)
        for usage in re.findall(rf"^\s*(?:usage:|or:)\s+git {name} (.*)$", text, re.M):
            word = re.match(r"(?:\[[^\]]*\] )*([a-z][a-z-]+)(?= |$)", usage)
            if word:
                tree.command(f"{path} {word[1]}")
        subs = [p for p in tree.commands if p.startswith(path + " ")]
        subs += [f"git {p}" for p in ("sparse-checkout set", "maintenance run", "reflog drop") if p.startswith(name + " ")]
        for path in [path, *subs]:
            text = text if path == f"git {name}" else run([*path.split(" "), "-h"], e)
            for line in text.split("\n"):
                if re.match(r"^    -", line):
                    read = helptext.option(line, loose=True)
                    if read:
                        tree.option(path, *read)


def stripe(tool, program, e, tree, folder, run):
    """`stripe --map=paths` prints the whole tree; options are asked of what deletes and cancels."""
    import helptext

    for names, kind, _ in helptext.parse(run(["stripe", "--help"], e), program)[1]:
        tree.option(program, names, kind)
    asked = None
    for line in run(["stripe", "--map=paths"], e).split("\n"):
        path = line.strip().split("  ")[0]
        path = path if path.startswith("stripe ") else f"stripe {path}"
        if not re.fullmatch(r"stripe( [a-z0-9][\w.-]*)+", path):
            continue
        tree.command(path)
        last = path.split(" ")[-1]
        if re.match(r"delete|cancel|listen|trigger|logout|login|fixtures", last) and (asked is None or " " + last not in asked):
            asked = (asked or "") + " " + last
            for names, kind, header in helptext.parse(run([*path.split(" "), "--help"], e), path)[1]:
                if "Global" not in header:
                    tree.option(path, names, kind)


def by_pass(tool, program, e, tree, folder, run):
    """`pass help`: options stand in the usage lines."""
    for found in re.finditer(r"^    pass \[?([a-z]+)\]?(.*)$", run(["pass", "help"], e), re.M):
        path = f"pass {found[1]}"
        tree.command(path)
        for one in re.finditer(r"(--[\w-]+)(\[?=[^\],]*\]?)?,(-\w)", found[2]):
            tree.option(path, [one[3], one[1]], "[=]" if (one[2] or "").startswith("[") else "=" if one[2] else "")


def wrangler(tool, program, e, tree, folder, run):
    """The registry of commands that wrangler exports for its documentation."""
    code = """
    const { registry, globalFlags } = require(process.argv[1] + '/node_modules/wrangler').experimental_getWranglerCommands();
    const found = {};
    const options = (args, positional) => Object.entries(args || {}).filter(([n]) => !positional.includes(n)).map(([n, a]) => {
      const names = [n, ...[].concat(a.alias || [])].map((x) => (x.length === 1 ? '-' : '--') + x);
      return [names, a.type === 'boolean' || a.type === 'count' ? '' : '='];
    });
    const walk = (node, path) => {
      for (const [name, child] of node) {
        const d = child.definition || {};
        found[`${path} ${name}`] = { options: options(d.args, d.positionalArgs || []), alias: d.aliases || [],
          same: d.type === 'alias' ? d.aliasOf : '' };
        if (child.subtree) walk(child.subtree, `${path} ${name}`);
      }
    };
    walk(registry.subtree || registry, 'wrangler');
    found.wrangler = { options: options(globalFlags, []), alias: [] };
    require('fs').writeSync(1, '\\n@@' + JSON.stringify(found));
    process.exit(0);
    """
    for path, entry in json.loads(run(["node", "-e", code, str(folder)], e, 120).split("@@")[-1]).items():
        if entry.get("same"):
            tree.command(entry["same"], [path])
            continue
        tree.command(path, entry["alias"])
        for names, kind in entry["options"]:
            tree.option(path, names, kind)
