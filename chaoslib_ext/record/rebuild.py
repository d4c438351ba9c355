"""From events to the host's form: `journal.json`, written anew from what the log says."""

from contextlib import closing
from pathlib import Path
from typing import Any

from chaoslib_ext.errors import RecordBroken

from .events import EventLog
from .files import write_atomically
from .journal import EXTENSION, died_unfinished, journal_of, journal_text
from .read import Verification, events, verify
from .record import EVENTS, JOURNAL, Record

__all__ = ["EXTENSION", "Verification", "died_unfinished", "journal_of", "rebuild", "seal", "verify"]


def rebuild(folder: Path) -> dict[str, Any]:
    """Write `journal.json` from the events, atomically, and return it. Raises RecordBroken or RecordNotWritable.

    Several processes may (runner, watchdog, a person's command): each locks the events from reading them until the
    journal is written, so that no older reading lands on a newer one.
    """
    if not (folder / EVENTS).is_file():
        raise RecordBroken(f"{folder} holds no {EVENTS}, so it is no record; see `chaos journal list`")
    with closing(EventLog(folder / EVENTS)) as log, log.locked():
        return _written(folder, events(folder))


def seal(record: Record, actor: str = "runner") -> dict[str, Any] | None:
    """Write `journal.json` and seal the record, as `Record.seal`: also what others added at that moment is in both."""

    def complete(event: dict[str, Any]) -> None:
        _written(record.folder, events(record.folder))

    return record.seal(actor, complete)


def _written(folder: Path, found: list[dict[str, Any]]) -> dict[str, Any]:
    try:
        journal = journal_of(found)
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        raise RecordBroken(
            f"the events of {folder} do not fit together ({type(error).__name__}: {error}); see `chaos journal verify`"
        ) from error
    write_atomically(folder / JOURNAL, journal_text(journal))
    return journal
