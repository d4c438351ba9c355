"""Lines at the end of a file: whole and on the disk, or not there; and what to say when they cannot be written."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chaoslib_ext.errors import UndoNotDurable

__all__ = ["LOOK_AT_IT", "append_whole", "durably"]

LOOK_AT_IT = "look at its disk (`dmesg`, or the server of a network disk), or set CHAOS_STATE_DIR to another folder"
"""What to do about a state folder that hangs."""


def append_whole(descriptor: int, data: bytes) -> None:
    """Append and fsync, or leave the file as it was."""
    end = _end_of_last_line(descriptor)
    try:
        if os.write(descriptor, data) != len(data):
            raise OSError(28, "No space left on device")
        os.fsync(descriptor)
    except OSError:
        os.ftruncate(descriptor, end)
        raise


def _end_of_last_line(descriptor: int) -> int:
    """Cut away what a killed writer left half written (never acknowledged), so that no line is glued to it."""
    size = os.fstat(descriptor).st_size
    if size and os.pread(descriptor, 1, size - 1) != b"\n":
        size = os.pread(descriptor, size, 0).rfind(b"\n") + 1
        os.ftruncate(descriptor, size)
    return size


@contextmanager
def durably(what: str, path: Path, but: str = "so nothing was injected") -> Iterator[None]:
    """Raise UndoNotDurable for each OSError inside."""
    try:
        yield
    except FileExistsError as error:
        raise UndoNotDurable(
            f"{what} exists already ({path}); give this run another id. Nothing was injected"
        ) from error
    except OSError as error:
        room = "make room, or set CHAOS_STATE_DIR to a folder you may write to"
        raise UndoNotDurable(
            f"{what} cannot be written ({path}: {error.strerror}), {but}; "
            f"{LOOK_AT_IT if isinstance(error, TimeoutError) else room}"
        ) from error
