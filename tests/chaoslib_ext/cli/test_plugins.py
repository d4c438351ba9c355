"""The host's list of our commands: cheap to load, honest in its help, whole in the package's metadata."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import click
import pytest

from chaoslib_ext.cli import plugins

pytestmark = pytest.mark.joins("cli", "host")

HEAVY = ("pydantic", "aiohttp", "uvloop", "rich", "kubernetes", "psutil", "jinja2", "filelock", "toxiproxy")


@pytest.mark.parametrize("name", plugins.COMMANDS)
def test_the_table_says_what_the_command_says(name: str) -> None:
    real = getattr(plugins, name).real()
    ours = plugins.COMMANDS[name][2]
    assert real.name == name
    assert real.get_short_help_str(200).rstrip(".") == ours.rstrip(".")


@pytest.mark.parametrize("name", plugins.COMMANDS)
def test_help_shows_an_example(name: str) -> None:
    real = getattr(plugins, name).real()
    text = real.get_help(click.Context(real, info_name=f"chaos {name}"))
    assert f"chaos {name}" in text.split("\n", 1)[1], "no example after the usage line"


def test_every_command_is_an_entry_point(checkout: Path) -> None:
    project = tomllib.loads((checkout / "pyproject.toml").read_text())["project"]
    listed = project["entry-points"]["chaostoolkit.cli_plugins"]
    assert listed == {name: f"chaoslib_ext.cli.plugins:{name}" for name in sorted(plugins.COMMANDS)}


def test_loading_the_list_imports_nothing_heavy() -> None:
    code = f"import sys, chaoslib_ext.cli.plugins; print(sorted(set({HEAVY!r}) & set(sys.modules)))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("words", "expected"),
    [("chaos und", "undo"), ("chaos proxy toxic a", "add"), ("chaos journal l", "list")],
)
def test_the_shell_completes_our_commands(words: str, expected: str) -> None:
    env = {
        **os.environ,
        "_CHAOS_COMPLETE": "bash_complete",
        "COMP_WORDS": words,
        "COMP_CWORD": str(len(words.split()) - 1),
    }
    code = "from chaostoolkit.__main__ import cli; cli(prog_name='chaos')"
    ran = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True)
    assert f"plain,{expected}" in ran.stdout, ran.stderr
