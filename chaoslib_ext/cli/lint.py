"""`chaos lint`: all that is wrong with an experiment or a policy, before anything runs."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from chaoslib_ext.clean_text import clean, json_text

from ._errors import ExtCommand
from ._say import say, say_json, styled

if TYPE_CHECKING:
    from chaoslib_ext.lint.finding import Finding

__all__ = ["lint"]

_COLOURS = {"error": "red", "warning": "yellow", "note": "cyan"}


@click.command(cls=ExtCommand)
@click.argument("files", nargs=-1, metavar="FILE...", type=click.Path())
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--sarif", metavar="FILE", help="Write SARIF 2.1.0 into FILE; - for stdout.")
@click.option("--schema", is_flag=True, help="Print the JSON Schema of an experiment, for editors, and end.")
def lint(files: tuple[str, ...], as_json: bool, sarif: str | None, schema: bool) -> None:
    """List all errors of experiments and policies at once.

    FILE is an experiment, a policy, a folder of them, or a pattern in quotes. Each finding has its place, its rule, and
    what to do about it. The files are read as `chaos run` reads them; nothing of them is run or imported, nothing is
    asked over the network. What only this machine lacks (a package, a variable, a program) is listed apart.

    \b
    Example:
      chaos lint experiment.yaml
      chaos lint experiments/ --json
      chaos lint chaos-policy.yaml
      chaos lint 'experiments/**/*.yaml' --sarif lint.sarif
      chaos lint --schema > experiment.schema.json

    Exit code: 0 nothing, or notes only, or only what this machine lacks; 1 errors or warnings; 2 usage.
    """
    if schema:
        from chaoslib_ext.lint.schema import schema as made

        say_json(made())
        return
    if not files or not all(files):  # an empty one is a variable that is not set, not this folder
        raise click.UsageError("Which files? For example: chaos lint experiment.yaml")
    if as_json and sarif == "-":
        raise click.UsageError("--json and --sarif - would both go to stdout; write SARIF into a file.")
    read, passed, findings = _found(files)
    if sarif:
        _write_sarif(sarif, findings)
    if as_json:
        say_json(_json(read, passed, findings))
    elif sarif != "-":
        _tell(read, passed, findings)
    if any(one.counts for one in findings):
        raise click.exceptions.Exit(1)


def _found(files: Sequence[str]) -> "tuple[list[Path], list[Path], list[Finding]]":
    from chaoslib_ext.lint.files import expand
    from chaoslib_ext.lint.here import Here
    from chaoslib_ext.lint.linting import lint as found

    read, passed = expand(files)
    here = Here()
    return read, passed, [one for file in read for one in found(file, here)]


def _write_sarif(name: str, findings: "list[Finding]") -> None:
    from chaoslib_ext.errors import BadInput
    from chaoslib_ext.lint.sarif import sarif

    if name == "-":
        say_json(sarif(findings))
        return
    text = json_text(sarif(findings), indent=2) + "\n"
    try:
        Path(name).write_text(text, encoding="utf-8")
    except OSError as error:
        raise BadInput(f"cannot write {name}: {error.strerror or error}; name a file that can be written") from error


def _json(read: list[Path], passed: list[Path], findings: "list[Finding]") -> dict[str, Any]:
    return {
        "schema_version": 1,
        "files": [str(file) for file in read],
        "passed_over": [str(file) for file in passed],
        "findings": [one.as_json() for one in findings],
    }


def _tell(read: list[Path], passed: list[Path], findings: "list[Finding]") -> None:
    here = [one for one in findings if one.hit.rule.concern == "machine"]
    for one in findings:
        if one not in here:
            _say(one)
    if here:
        say("Not the author's matter, but to be had where it runs:")
    for one in here:
        _say(one)
    say(_summary(read, passed, findings))


def _say(one: "Finding") -> None:
    place = clean(f"{one.file}:{one.place.line}:{one.place.column}: ")
    say(f": {one.hit.says} [{one.hit.rule.id}]", head=place + styled(one.severity, fg=_COLOURS[one.severity]))
    say(f"    {one.as_json()['path']}  {one.hit.cure}")


def _summary(read: list[Path], passed: list[Path], findings: "list[Finding]") -> str:
    counts = [
        _counted(number, word)
        for word in ("error", "warning", "note")
        if (number := sum(one.severity == word for one in findings if one.hit.rule.concern == "author"))
    ]
    here = sum(one.hit.rule.concern == "machine" for one in findings)
    counts += [f"{here} of this machine"] if here else []
    over = f" ({_counted(len(passed), 'file')} passed over: no experiment)" if passed else ""
    return f"{_counted(len(read), 'file')}{over}: {', '.join(counts) or 'nothing found'}"


def _counted(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"
