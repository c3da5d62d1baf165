"""Run by the interpreter of a tool's own environment: prints the tree of a click or argparse program as JSON.

`walk_python.py NAME [ARGUMENTS]` runs the console script NAME, but where it would parse its words, its parser is read.
Nothing of the tool is carried out. `walk_python.py module:attribute …` does the same for a parser or a click command.
"""

import importlib
import importlib.metadata
import json
import os
import sys

name, words = sys.argv[1], sys.argv[2:]
found = {}


def option(path, names, kind):
    found.setdefault(path, {"options": [], "alias": []})["options"].append([list(names), kind])


def entry(path):
    return found.setdefault(path, {"options": [], "alias": []})


def finish():
    sys.stdout.flush()
    os.write(int(os.environ["TREE_FD"]), json.dumps(found).encode())
    os._exit(0)


def of_click(command, path, context=None, depth=0):
    context = command.context_class(command, info_name=path.split(" ")[-1], parent=context)
    entry(path)
    for parameter in command.get_params(context):
        if getattr(parameter, "param_type_name", "") != "option":
            continue
        kind = "" if parameter.is_flag or parameter.count else "="
        if kind and getattr(parameter, "_flag_needs_value", False):
            kind = "[=]"
        option(path, [*parameter.opts, *parameter.secondary_opts], kind)
    if hasattr(command, "list_commands") and depth < 6:
        seen = {}
        names = list(command.list_commands(context))
        names += [n for n in getattr(command, "commands", {}) if n not in names]
        for sub in names:
            try:
                child = command.get_command(context, sub)
            except BaseException:
                child = None
            sub, *others = sub.split(" | ")
            if child is not None and others:
                entry(f"{path} {sub}")["alias"] += others
            if child is None:
                entry(f"{path} {sub}")
            elif id(child) in seen:
                entry(seen[id(child)])["alias"].append(sub)
            else:
                seen[id(child)] = f"{path} {sub}"
                of_click(child, f"{path} {sub}", context, depth + 1)


def of_argparse(parser, path, depth=0):
    import argparse

    entry(path)
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            seen = {}
            for sub, child in action._name_parser_map.items():
                if isinstance(child, str) or not hasattr(child, "_actions"):
                    child = getattr(child, "parser", None) or child
                if not hasattr(child, "_actions"):
                    entry(f"{path} {sub}")
                elif id(child) in seen:
                    entry(seen[id(child)])["alias"].append(sub)
                elif depth < 6:
                    seen[id(child)] = f"{path} {sub}"
                    of_argparse(child, f"{path} {sub}", depth + 1)
        elif action.option_strings:
            kind = "" if action.nargs == 0 else "[=]" if action.nargs in ("?", "*") else "="
            option(path, action.option_strings, kind)


def of_optparse(parser, path):
    for one in list(parser.option_list) + [o for g in parser.option_groups for o in g.option_list]:
        option(path, one._short_opts + one._long_opts, "=" if one.takes_value() else "")


program = os.environ.get("TREE_PROGRAM", name)


def hook():
    import argparse
    import optparse

    def dump(self, *_, **__):
        of_argparse(self, program)
        finish()

    argparse.ArgumentParser.parse_args = dump
    argparse.ArgumentParser.parse_known_args = dump

    def dump_optparse(self, *_, **__):
        of_optparse(self, program)
        finish()

    optparse.OptionParser.parse_args = dump_optparse
    for module in ("click", "rich_click", "typer._click", "typer._vendor.click", "asyncclick"):
        try:
            click = importlib.import_module(module)
        except BaseException:
            continue

        def main(self, *_, **__):
            of_click(self, program)
            finish()

        bases = {getattr(click, b, None) for b in ("Command", "BaseCommand", "Group", "MultiCommand")}
        for base in bases - {None}:
            base.main = main
            base.__call__ = main
        try:
            core = importlib.import_module("typer.core")
            for kind in ("TyperGroup", "TyperCommand"):
                getattr(core, kind).main = main
        except BaseException:
            pass


def target():
    if ":" in name:
        module, attribute = name.split(":")
    else:
        points = importlib.metadata.entry_points()
        points = points.select(group="console_scripts", name=name)
        module, attribute = next(iter(points)).value.split(" ")[0].split(":")
    thing = importlib.import_module(module)
    for part in attribute.split("."):
        thing = getattr(thing, part)
    return thing


if os.environ.get("TREE_CALL") != "parser":
    hook()
sys.argv = [program, *words]
exec(os.environ.get("TREE_BEFORE", ""))
thing = target()
if "Typer" in {c.__name__ for c in type(thing).__mro__}:
    import typer

    thing = typer.main.get_command(thing)
if "argparse" in {c.__module__ for c in type(thing).__mro__}:
    of_argparse(thing, program)
elif hasattr(thing, "get_params"):
    of_click(thing, program)
elif os.environ.get("TREE_CALL") == "parser":
    made = thing()
    made = made if isinstance(made, tuple) else (made,)
    of_argparse(max((p for p in made if hasattr(p, "_actions")), key=lambda p: len(p._actions)), program)
else:
    try:
        thing()
    except SystemExit:
        pass
finish()
