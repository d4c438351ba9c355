"""`chaos gate`: the verdict of a run as an exit code."""

from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

from chaoslib_ext.model import Verdict

from ._errors import ExtCommand
from ._say import say, say_json

if TYPE_CHECKING:
    from chaoslib_ext.record.gate import Ruling

__all__ = ["CODES", "gate"]

CODES = {
    Verdict.HELD: 0,
    Verdict.DEVIATED: 1,
    Verdict.VOID: 4,
    Verdict.ABORTED: 5,
    Verdict.UNDO_FAILED: 6,
    Verdict.ERROR: 7,
    Verdict.INCONCLUSIVE: 8,
    Verdict.INTERRUPTED: 9,
}
"""Verdict -> exit code; 2 is a usage error, 3 a journal that cannot be believed or a run that was refused."""

_INVALID = 3


def _complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from .journal import complete_ids

    return [*complete_ids(ctx, param, incomplete), CompletionItem(incomplete, type="file")]


@click.command(cls=ExtCommand)
@click.argument("journal", metavar="JOURNAL", shell_complete=_complete)
@click.option("--json", "as_json", is_flag=True, help="Say the same as JSON.")
@click.pass_context
def gate(ctx: click.Context, journal: str, as_json: bool) -> None:
    """Turn the verdict of a run into an exit code, for CI.

    JOURNAL is the id of a run, `last` (the run begun last), a record's folder, or a file that `chaos run` wrote. A
    record is verified first; a journal without one is judged by what it says. After `chaos enable`, `last` is also a
    run that never began: no experiment, no record, code 3.

    \b
    Exit code: 0 held, 1 deviated, 2 usage, 3 broken record, refused or never begun, 4 void, 5 aborted,
    6 undo failed, 7 error, 8 inconclusive, 9 interrupted.

    \b
    Examples:
      chaos run experiment.yaml || ran=$?; chaos gate last && exit ${ran:-0}
      chaos gate journal.json --json
    """
    from chaoslib_ext.faults.unfinished import close_dead
    from chaoslib_ext.record.gate import rule

    close_dead()
    ruling = rule(journal)
    code = _code(ruling)
    if as_json:
        say_json({"schema_version": 1, **ruling.as_json(), "code": code})
    else:
        _tell(ruling)
    ctx.exit(code)


def _code(ruling: "Ruling") -> int:
    return _INVALID if ruling.verdict is None or ruling.refused else CODES[ruling.verdict]


def _tell(ruling: "Ruling") -> None:
    word = str(ruling.verdict).upper() if ruling.verdict else "INVALID" if ruling.began else "NOT BEGUN"
    word = "REFUSED" if ruling.refused else word
    say(f"{word}  {ruling.title}")
    for reason in ruling.reasons:
        say(f"{'':{len(word)}}  {reason}")
