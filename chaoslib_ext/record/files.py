"""Files of a record: there whole or not at all, and what to say when one cannot be written."""

import os
from pathlib import Path

from chaoslib_ext.durable import replaced, sync_folder
from chaoslib_ext.errors import RecordNotWritable

__all__ = ["move", "not_writable", "write_atomically"]


def write_atomically(path: Path, text: str, *, mode: int = 0o600) -> None:
    """Write beside the file, sync, rename over it, sync the folder. Raises RecordNotWritable.

    A link is followed. What is there and is no file (`/dev/null`, a pipe) is written into: root could replace it.
    """
    try:
        real = path.resolve()
        if real.exists() and not real.is_file():
            real.write_text(text, encoding="utf-8", newline="")
        else:
            replaced(real, text, mode)
    except OSError as error:
        raise not_writable(path, error) from error


def move(path: Path, to: Path) -> None:
    """Give a file of the same folder another name, durably. Raises RecordNotWritable."""
    try:
        os.replace(path, to)
        sync_folder(to.parent)
    except OSError as error:
        raise not_writable(to, error) from error


def not_writable(path: Path, error: OSError) -> RecordNotWritable:
    """The error to raise: what could not be written, where, why, and what to do."""
    hangs = isinstance(error, TimeoutError)
    todo = "look at its disk (`dmesg`, or its server) or" if hangs else "free some space or"
    return RecordNotWritable(
        f"cannot write the record {path}: {error.strerror or error}; "
        f"{todo} set CHAOS_JOURNAL_DIR to a folder you may write to"
    )
