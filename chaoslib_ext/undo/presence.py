"""Who is at a run right now: its runner, its watchdog, or nobody. Told by locks that the kernel takes back.

Open file description locks (`man 2 fcntl`) on one byte each of `<run>.owner`: seen from every process and container
that shares the state folder, gone when their holder dies, however it dies, and read without being taken. A child that
the holder forks would keep them; it gives its copies back at birth. No pid says as much: it is used again, and means
nothing in another container.
"""

import fcntl
import os
import struct
from contextlib import suppress
from pathlib import Path

from chaoslib_ext.folders import private_flags

__all__ = ["RUNNER", "WATCHDOG", "Presence", "is_there", "owner_file"]

RUNNER, WATCHDOG = 0, 1
"""Which byte is whose."""

_FLOCK = "hhqqi"  # struct flock of Linux: type, whence, start, length, pid
_held: set[int] = set()


def owner_file(log: Path) -> Path:
    """Beside the undo log of a run: the file that its runner and its watchdog hold."""
    return log.with_suffix(".owner")


class Presence:
    """Held by the calling process from now on, until `leave` or its end. Raises OSError when that is not possible."""

    def __init__(self, log: Path, who: int) -> None:
        self._who = who
        self._descriptor = os.open(owner_file(log), os.O_RDWR | os.O_CREAT | private_flags, 0o600)
        try:
            fcntl.fcntl(self._descriptor, fcntl.F_OFD_SETLK, _lock(who))
        except OSError:
            os.close(self._descriptor)
            raise
        _held.add(self._descriptor)

    def leave(self) -> None:
        """Not at it any more."""
        if self._descriptor in _held:
            _held.discard(self._descriptor)
            with suppress(OSError):  # an activity may have closed it, and with it our hold
                fcntl.fcntl(self._descriptor, fcntl.F_OFD_SETLK, _lock(self._who, fcntl.F_UNLCK))  # a child's copy too
                os.close(self._descriptor)


def is_there(log: Path, who: int) -> bool | None:
    """Is it held? None when that cannot be told: there is no such file, as beside logs of before it was written."""
    try:
        descriptor = os.open(owner_file(log), os.O_RDONLY | private_flags)  # read only: it may be on a read-only disk
    except OSError:
        return None
    try:
        answer = fcntl.fcntl(descriptor, fcntl.F_OFD_GETLK, _lock(who))
    except OSError:  # a file system that knows no such locks
        return None
    finally:
        os.close(descriptor)
    return bool(struct.unpack(_FLOCK, answer)[0] != fcntl.F_UNLCK)


def _lock(who: int, kind: int = fcntl.F_WRLCK) -> bytes:
    return struct.pack(_FLOCK, kind, os.SEEK_SET, who, 1, 0)


def _forget_in_child() -> None:
    for descriptor in _held:
        with suppress(OSError):
            os.close(descriptor)
    _held.clear()


os.register_at_fork(after_in_child=_forget_in_child)
