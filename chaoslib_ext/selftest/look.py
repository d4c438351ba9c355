"""What is left of a run: in its undo log, in its record, in the world. Each finding is a sentence."""

from collections.abc import Iterator
from pathlib import Path

from chaoslib_ext.errors import ExtError
from chaoslib_ext.record.read import verify
from chaoslib_ext.record.record import EVENTS
from chaoslib_ext.undo.lines import LogState, parsed

__all__ = ["in_files"]


def in_files(folder: Path, *, is_record_whole: bool = True) -> list[str]:
    """What is wrong with the undo logs and records in a victim's folder; empty when each is closed and sound.

    `is_record_whole`: False where events were lost on purpose (its disk failed): such a record is never sealed.
    """
    logs = sorted((folder / "state" / "undo").glob("*.jsonl"))
    records = sorted(path for path in (folder / "journal" / "runs").glob("*") if (path / EVENTS).exists())
    found = [problem for log in logs for problem in _in_log(log)]
    return found + [problem for record in records for problem in _in_record(record, is_record_whole)]


def _in_log(path: Path) -> Iterator[str]:
    try:
        state: LogState = parsed(path.read_bytes())
    except ExtError as error:
        yield f"undo log {path.name}: {error}"
        return
    if state.damaged:
        yield f"undo log {path.name} has {state.damaged} damaged lines"
    for intent in state.open:
        yield f"undo log {path.name} has still open: {intent.says}"
    if state.intents and not state.open and not state.closed:
        yield f"undo log {path.name} is not closed"


def _in_record(folder: Path, is_whole: bool) -> Iterator[str]:
    checked = verify(folder)
    if checked.state != "ok" and (is_whole or checked.state == "broken"):
        yield f"record {folder.name} is {checked.state}: {checked.problem}"
