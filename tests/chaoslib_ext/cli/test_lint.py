"""`chaos lint`: what it prints, and how it ends."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner, Result

from chaoslib_ext.cli.lint import lint

pytestmark = pytest.mark.joins("cli", "lint")

SOUND = """title: Does the page come?
description: It should.
method:
  - type: action
    name: slow
    provider: {type: python, module: actions.toxics, func: add_latency, arguments: {proxy: web, latency_ms: 100}}
"""
SPOILT = SOUND + "rollback: []\n"
LACKING = SOUND + "configuration:\n  host: {type: env, key: NOT_SET_ANYWHERE}\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name, text in {"sound.yaml": SOUND, "spoilt.yaml": SPOILT, "lacking.yaml": LACKING}.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def call(*words: str, **env: str) -> Result:
    return CliRunner().invoke(lint, words, env={"NO_COLOR": "", **env})


def test_a_sound_experiment_ends_with_0() -> None:
    result = call("sound.yaml")
    assert (result.exit_code, result.stdout) == (0, "1 file: nothing found\n")


def test_a_mistake_is_told_with_file_line_rule_path_and_cure_and_ends_with_1() -> None:
    result = call("spoilt.yaml")
    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        "spoilt.yaml:7:1: error: the host knows no rollback here; did you mean rollbacks? [misspelt-key]",
        "    $.rollback  Write the key that is meant.",
        "1 file: 1 error",
    ]


def test_what_this_machine_lacks_is_told_apart_and_ends_with_0() -> None:
    result = call("lacking.yaml")
    assert result.exit_code == 0
    head, finding, _, summary = result.stdout.splitlines()
    assert head == "Not the author's matter, but to be had where it runs:"
    assert finding.startswith("lacking.yaml:8:3: note: NOT_SET_ANYWHERE is not set here")
    assert summary == "1 file: 1 of this machine"


def test_folders_and_patterns_are_taken_and_what_was_passed_over_is_said(folder: Path) -> None:
    (folder / "links.yaml").write_text("links: []\n")
    result = call(".")
    assert result.exit_code == 1
    assert result.stdout.splitlines()[-1] == ("3 files (1 file passed over: no experiment): 1 error, 1 of this machine")
    assert call("s*.yaml").stdout.splitlines()[-1] == "2 files: 1 error"


def test_json_holds_all_of_it() -> None:
    result = call("spoilt.yaml", "lacking.yaml", "--json")
    told = json.loads(result.stdout)
    assert result.exit_code == 1 and told["schema_version"] == 1
    assert told["files"] == ["spoilt.yaml", "lacking.yaml"] and told["passed_over"] == []
    assert [(one["rule"], one["concern"], one["line"], one["path"]) for one in told["findings"]] == [
        ("misspelt-key", "author", 7, "$.rollback"),
        ("unset-here", "machine", 8, "$.configuration.host"),
    ]


def test_sarif_goes_into_a_file_beside_the_words_or_to_stdout_alone(folder: Path) -> None:
    result = call("spoilt.yaml", "--sarif", "lint.sarif")
    log = json.loads((folder / "lint.sarif").read_text())
    assert result.exit_code == 1 and "misspelt-key" in result.stdout
    assert log["runs"][0]["results"][0]["ruleId"] == "misspelt-key"
    assert json.loads(call("spoilt.yaml", "--sarif", "-").stdout) == log


def test_the_schema_is_printed_and_is_one() -> None:
    result = call("--schema")
    assert result.exit_code == 0
    jsonschema.Draft202012Validator.check_schema(json.loads(result.stdout))


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ([], "Which files?"),
        ([""], "Which files?"),
        (["nothing.yaml"], "there is no file nothing.yaml"),
        (["*.nothing"], "no experiment"),
        (["sound.yaml", "--json", "--sarif", "-"], "stdout"),
        (["sound.yaml", "--sarif", "no/such/folder.sarif"], "cannot write"),
    ],
)
def test_what_is_typed_wrong_ends_with_2(words: list[str], says: str) -> None:
    result = call(*words)
    assert result.exit_code == 2 and says in result.output


def test_colour_is_an_addition_and_none_with_no_color() -> None:
    coloured = CliRunner().invoke(lint, ["spoilt.yaml"], color=True, env={"NO_COLOR": ""})
    plain = CliRunner().invoke(lint, ["spoilt.yaml"], color=True, env={"NO_COLOR": "1"})
    assert "\x1b[31merror\x1b[0m" in coloured.stdout
    assert "\x1b" not in plain.stdout and "error:" in plain.stdout


def test_a_text_that_the_terminal_cannot_show_ends_nothing(folder: Path, chaos: Callable[..., Any]) -> None:
    (folder / "odd.json").write_text(json.dumps({"title": "x", "description": "x", "method": [], "\udc80ü": 1}))
    done = chaos("lint", "odd.json", PYTHONIOENCODING="ascii")
    assert done.returncode == 1 and "unknown-key" in done.stdout, done.stderr


def test_nothing_of_an_experiment_is_imported(folder: Path, chaos: Callable[..., Any]) -> None:
    """The module lies where Python finds it, and would leave a trace."""
    (folder / "trap.py").write_text("open('was-run', 'w').close()\ndef f(): ...\n")
    (folder / "trapped.yaml").write_text(SOUND.replace("actions.toxics, func: add_latency", "trap, func: f"))
    done = chaos("lint", "trapped.yaml", PYTHONPATH=str(folder))
    assert done.returncode == 1 and "unknown-argument" in done.stdout, done.stderr
    assert not (folder / "was-run").exists()
