"""From events to the host's form: `journal.json`, written anew from what the log says."""

from pathlib import Path
from typing import Any

from chaoslib_ext.errors import RecordBroken

from .files import write_atomically
from .journal import EXTENSION, died_unfinished, journal_of, journal_text
from .read import Verification, events, verify
from .record import JOURNAL

__all__ = ["EXTENSION", "Verification", "died_unfinished", "journal_of", "rebuild", "verify"]


def rebuild(folder: Path) -> dict[str, Any]:
    """Write `journal.json` from the events, atomically, and return it. Raises RecordBroken or RecordNotWritable."""
    found = events(folder)
    try:
        journal = journal_of(found)
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        raise RecordBroken(
            f"the events of {folder} do not fit together ({type(error).__name__}: {error}); see `chaos journal verify`"
        ) from error
    write_atomically(folder / JOURNAL, journal_text(journal))
    return journal
