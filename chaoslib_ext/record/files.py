"""Files that are there whole or not at all, also after a power cut."""

import os
import tempfile
from glob import escape
from pathlib import Path

from chaoslib_ext.errors import RecordNotWritable

__all__ = ["half_written", "move", "not_writable", "replaced", "sync_folder", "write_atomically"]


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


def replaced(path: Path, text: str, mode: int) -> None:
    """Put a whole file in place of the one at `path`, or leave that as it is. Raises OSError."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with open(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fchmod(handle, mode)
            os.fsync(handle)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def half_written(path: Path) -> list[Path]:
    """What writers of the file at `path` left beside it when they were killed; ask while none is at it."""
    return sorted(path.parent.glob(f".{escape(path.name)}.*"))


def move(path: Path, to: Path) -> None:
    """Give a file of the same folder another name, durably. Raises RecordNotWritable."""
    try:
        os.replace(path, to)
        sync_folder(to.parent)
    except OSError as error:
        raise not_writable(to, error) from error


def sync_folder(folder: Path) -> None:
    """Make the folder's own entries durable (fsync(2): a file's fsync does not cover its name)."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def not_writable(path: Path, error: OSError) -> RecordNotWritable:
    """The error to raise: what could not be written, where, why, and what to do."""
    return RecordNotWritable(
        f"cannot write the record {path}: {error.strerror or error}; "
        "free some space or set CHAOS_JOURNAL_DIR to a folder you may write to"
    )
