"""A file that is there whole or not at all, also after a power cut."""

import os
import tempfile
from glob import escape
from pathlib import Path

__all__ = ["half_written", "replaced", "sync_folder"]


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


def sync_folder(folder: Path) -> None:
    """Make the folder's own entries durable (fsync(2): a file's fsync does not cover its name)."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
