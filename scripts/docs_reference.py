"""Writes docs/reference/ from the code: commands, probes, actions, toxics, errors, environment. See docs-reference."""

import inspect
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import fields
from importlib import import_module
from pathlib import Path
from textwrap import dedent, indent
from typing import Any

import click

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "docs" / "reference"

ENVIRONMENT = {
    "CHAOS_DEBUG": ("not set", "set to 1: a defect of ours shows its traceback on the terminal, not only in its file"),
    "CHAOS_JOURNAL_DIR": (
        "the nearest `journal/` holding a `.chaos-journal` file, at or above the working directory; "
        "else the user's data folder",
        "where the records of runs lie, in `runs/`",
    ),
    "CHAOS_LAB": ("not set", "not for you: the lab marks its own processes with it, to find them again after a crash"),
    "CHAOS_LAB_PORTS": (
        "the usual ports (21872 and the next ones, 8474) where they are free",
        "`free`: the lab takes any free ports, so that two people or two tests do not meet; any other value is refused",
    ),
    "CHAOS_LEASE": (
        "`10s`",
        "how long a run may give no sign of life (2s to 60s) before its watchdog takes its faults back",
    ),
    "CHAOS_LINKS": (
        "the nearest `links.yaml` at or above the working directory",
        "the file that says which links there are; what `tag:` and `service:` mean",
    ),
    "CHAOS_POLICY": (
        "none but [those that count anyhow](../how-to/policy.md#which-policies-count)",
        "a policy, which says who may break what; it counts beside the others",
    ),
    "CHAOS_STATE_DIR": (
        "the user's state folder (`~/.local/state/chaostoolkit-ext`)",
        "what must outlive a crash: undo log, known servers, the lab; made with mode 0700, refused where others may "
        "change it",
    ),
    "NO_COLOR": ("not set", "set to anything: no colour (no-color.org)"),
    "TOXIPROXY_SERVER_BIN": (
        "`toxiproxy-server` on the PATH",
        "the original Toxiproxy's program, for `chaos proxy serve --engine go`",
    ),
    "TOXIPROXY_URL": (
        "the server started last by `chaos lab up` or `chaos proxy serve`; else `http://127.0.0.1:8474` if it answers",
        "the Toxiproxy server a run, a probe and `chaos proxy` use; may hold a user and a password "
        "(`http://user:password@host:port`), which are kept nowhere else",
    ),
}


def head(title: str, sentence: str) -> str:
    """The start of a page."""
    return f"# {title}\n\n{sentence}\n\n<!-- written by scripts/docs-reference; change the code, not this page -->\n"


def commands() -> str:
    """Each command's own help, the groups walked down."""
    from chaoslib_ext.cli import plugins

    page = head("Commands", "What each `chaos` command of ours takes; the same as its `--help`.")
    for name in sorted(plugins.COMMANDS):
        for words, command in walked(f"chaos {name}", getattr(plugins, name).real()):
            context = click.Context(command, info_name=words, terminal_width=100, max_content_width=100)
            page += f"\n## {words}\n\n```text\n{command.get_help(context)}\n```\n"
    return page


def walked(words: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    """A command and all below it."""
    yield words, command
    for name, below in sorted(getattr(command, "commands", {}).items()):
        yield from walked(f"{words} {name}", below)


def activities(kind: str) -> str:
    """Each probe or action with its signature, its docstring and its arguments."""
    from chaoslib_ext import discover

    sentence = {
        "probe": "What an experiment may ask.",
        "action": "What an experiment may do. What it puts in is taken out again when the run ends, however it ends.",
    }[kind]
    page = head(f"{kind.capitalize()}s", f"{sentence} In an experiment: `module` and `func` of the provider.")
    module = ""
    for found in discover()["activities"]:
        if found["type"] == kind:
            if found["mod"] != module:
                module = found["mod"]
                page += f"\n## {module}\n\n{inspect.getdoc(import_module(module))}\n"
            page += activity(found)
    return page


def activity(found: dict[str, Any]) -> str:
    """One function: heading, table of arguments, docstring."""
    function = getattr(import_module(found["mod"]), found["name"])
    rows = [
        f"| `{parameter.name}` | {shown_type(parameter.annotation)} | {shown_default(parameter.default)} |"
        for parameter in inspect.signature(function).parameters.values()
    ]
    table = "\n".join(["| argument | type | default |", "|---|---|---|", *rows]) + "\n" if rows else "No arguments.\n"
    return f"\n### {found['name']}\n\n{inspect.getdoc(function)}\n\n{table}"


def shown_type(annotation: Any) -> str:
    """A type as the source has it, without the names of modules."""
    text = inspect.formatannotation(annotation)
    return "`" + re.sub(r"\b(?:\w+\.)+(?=\w)", "", text).replace("|", "\\|") + "`"


def shown_default(default: Any) -> str:
    """A default as YAML would have it, or that there is none."""
    if default is inspect.Parameter.empty:
        return "required"
    return "none" if default is None else f"`{json.dumps(default) if isinstance(default, bool) else default}`"


def toxics() -> str:
    """Each toxic with its settings."""
    from chaoslib_ext.proxy.toxics import registry

    page = head("Toxics", "What can be put on a link. `type` is the heading; put one on with `actions.toxics`.")
    for name, toxic in sorted(registry().items()):
        rows = [f"| `{field.name}` | {shown_type(field.type)} | `{field.default}` |" for field in fields(toxic)]
        table = "\n".join(["| attribute | type | default |", "|---|---|---|", *rows]) if rows else "No attributes."
        page += f"\n## {name}\n\n{inspect.getdoc(toxic)}\n\n{table}\n"
    return page


def errors() -> str:
    """The tree, then each class with its sentence."""
    from chaoslib_ext import errors as room

    page = head("Errors", "What can go wrong. Each message says what happened, on what, and what to do.")
    drawn = dedent((room.__doc__ or "").split("\n\n", 2)[-1])
    page += f"\n```text\n{indent(drawn.strip(), '')}\n```\n\n| error | means |\n|---|---|\n"
    for name in sorted(room.__all__):
        cls = getattr(room, name)
        if isinstance(cls, type):
            page += f"| `{name}` | {' '.join((inspect.getdoc(cls) or '').split())} |\n"
    return page


def lint() -> str:
    """Every rule of `chaos lint`: what, why, and the cure."""
    from chaoslib_ext.lint.rules import rules

    page = head("Rules of `chaos lint`", "What each rule finds, why that matters, and what to do about it.")
    page += (
        "\nAn *error*: the host refuses the experiment, breaks off, or does something else than what is written. A "
        "*warning*: it runs, but hardly as meant. A *note* does not count, nor does what only *this machine* lacks. "
        "The rule says how bad it usually is; a finding may say less.\n"
    )
    for rule in rules():
        whose = ", of this machine" if rule.concern.value == "machine" else ""
        page += f"\n## {rule.id}\n\n*{rule.severity.value}{whose}*: {rule.what} {rule.why}\n\n{rule.cure}\n"
    return page


def environment() -> str:
    """The variables we read; a variable in the code that is not described here stops the generator."""
    named = set()
    for file in (ROOT / "chaoslib_ext").rglob("*.py"):
        named |= set(re.findall(r"""["'](CHAOS_[A-Z_]+|TOXIPROXY_[A-Z_]+|NO_COLOR)["']""", file.read_text()))
    if named != set(ENVIRONMENT):
        sys.exit(f"scripts/docs_reference.py, ENVIRONMENT: differs from the code in {named ^ set(ENVIRONMENT)}")
    page = head("Environment", "The variables we read; all are optional.")
    page += "\n| variable | without it | means |\n|---|---|---|\n"
    return page + "".join(f"| `{name}` | {default} | {means} |\n" for name, (default, means) in ENVIRONMENT.items())


def policy() -> str:
    """Each mapping of a policy with its keys, from the models, and the JSON Schema for editors."""
    from chaoslib_ext.safety import policy as room

    page = head("chaos-policy.yaml", "What a policy may say. How rules are read: [A policy](../how-to/policy.md).")
    for model, title in (
        (room.Policy, "The file"),
        (room.Rule, "rules"),
        (room.AtMost, "at_most"),
        (room.AtLeast, "at_least"),
        (room.Bounds, "or_with_approval"),
        (room.Window, "windows"),
        (room.Blackout, "blackouts"),
        (room.AtOnce, "at_once"),
    ):
        page += f"\n## {title}\n\n{inspect.getdoc(model)}\n\n| key | needed | means |\n|---|---|---|\n"
        for name, field in model.model_fields.items():
            means = field.description
            page += f"| `{field.alias or name}` | {'yes' if field.is_required() else '-'} | {means} |\n"
    kinds = ", ".join(f"`{kind}`" for kind in room.KINDS)
    page += f"\n## Kinds of fault\n\n{kinds}. `any toxic` is every kind but `down`.\n"
    schema = json.dumps(room.Policy.model_json_schema(), indent=1)
    return page + f"\n## JSON Schema\n\nFor editors.\n\n```json\n{schema}\n```\n"


def pages() -> dict[Path, str]:
    """Every page of the reference, by file."""
    made = {
        "commands": commands(),
        "probes": activities("probe"),
        "actions": activities("action"),
        "toxics": toxics(),
        "errors": errors(),
        "lint": lint(),
        "environment": environment(),
        "policy": policy(),
    }
    return {FOLDER / f"{name}.md": text for name, text in made.items()}


def main(check: bool) -> int:
    """Write what differs, or with `check` only say so."""
    stale = [file for file, text in pages().items() if not file.exists() or file.read_text() != text]
    if check:
        for file in stale:
            print(f"{file.relative_to(ROOT)} is not fresh; run scripts/docs-reference")
        return int(bool(stale))
    FOLDER.mkdir(parents=True, exist_ok=True)
    for file, text in pages().items():
        file.write_text(text)
    print(f"{len(stale)} pages changed in docs/reference")
    return 0


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv[1:]))
