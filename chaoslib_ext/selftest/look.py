"""What is left of a run: in its undo log, in its record, in the world. Each finding is a sentence."""

from collections.abc import Iterator
from pathlib import Path

from chaoslib_ext.errors import ExtError
from chaoslib_ext.model import Verdict
from chaoslib_ext.record.gate import rule
from chaoslib_ext.record.read import verify
from chaoslib_ext.record.record import EVENTS
from chaoslib_ext.undo.lines import LogState, parsed

__all__ = ["in_files", "in_journal"]


def in_files(folder: Path, *, is_record_whole: bool = True) -> list[str]:
    """What is wrong in a victim's folder; empty when each undo log and record is closed and sound, with nothing beside.

    `is_record_whole`: False where events were lost on purpose (its disk failed): such a record is never sealed.
    """
    logs = sorted((folder / "state" / "undo").glob("*.jsonl"))
    records = sorted(path for path in (folder / "journal" / "runs").glob("*") if (path / EVENTS).exists())
    found = [problem for log in logs for problem in _in_log(log)]
    found += [problem for record in records for problem in _in_record(record, is_record_whole)]
    return found + [f"{path.relative_to(folder)} was left" for path in _strays(folder)]


def in_journal(path: Path, exit_code: int) -> list[str]:
    """What is wrong with the host's journal of a run that ended by itself: it is there, whole, and says the same.

    A run that was ended before its record says that it started, when nothing had begun, has none.
    """
    if not path.exists():
        logs = path.parent.glob(f"journal/runs/*/{EVENTS}")
        has_begun = any(b'"kind":"run.started"' in log.read_bytes() for log in logs)
        return [f"the run ended with exit code {exit_code}, and its journal is not there"] if has_begun else []
    ruled = rule(str(path))
    if ruled.verdict is None:
        return [f"its journal is not to be believed: {'; '.join(ruled.reasons)}"]
    if (exit_code == 0) != (ruled.verdict is Verdict.HELD):
        return [f"the run ended with exit code {exit_code}, and its journal says {ruled.verdict}"]
    return []


def _strays(folder: Path) -> Iterator[Path]:
    """Files that were half written when their writer was killed, and rollbacks that wait for nobody."""
    for path in sorted(one for room in ("state", "journal") for one in (folder / room).rglob("*") if one.is_file()):
        if path.name.startswith(".") or path.name.endswith((".new", ".next.json", ".rollbacks.json")):
            yield path


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
