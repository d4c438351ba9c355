"""A lock on a file that neither a killed process nor a forked child can keep for ever.

flock(2) belongs to the open file, not to the process: a child forked while it is held has a copy, and the lock stays
as long as the child lives. So it is given back by name, not by closing alone, and a child closes its copies at birth.
"""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from chaoslib_ext.clock import Clock
from chaoslib_ext.folders import private_flags

__all__ = ["lock_file", "locked"]

_held: set[int] = set()
_TICK = 0.005


def lock_file(path: Path) -> int:
    """A descriptor of the file of a lock. Raises OSError. One that is there is opened by a call that does not wait for
    a frozen disk.
    """
    for more in (os.O_RDWR, os.O_RDONLY):
        with suppress(OSError):
            return os.open(path, private_flags | more)
    return os.open(path, private_flags | os.O_CREAT | os.O_RDWR, 0o600)


@contextmanager
def locked(descriptor: int, may_wait: Callable[[float], bool], clock: Clock) -> Iterator[None]:
    """Hold the lock on `descriptor`, which is closed at the end. `may_wait(seconds waited)` says whether to go on
    waiting; when it says no, the body runs without the lock. What it raises is raised.
    """
    _held.add(descriptor)
    try:
        _wait(descriptor, may_wait, clock)
        yield
    finally:
        if descriptor in _held:  # a child that was forked in here has closed its copy already
            _held.discard(descriptor)
            fcntl.flock(descriptor, fcntl.LOCK_UN)
            os.close(descriptor)


def _wait(descriptor: int, may_wait: Callable[[float], bool], clock: Clock) -> None:
    began = clock.monotonic()
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if not may_wait(clock.monotonic() - began):
                return
            clock.sleep(_TICK)


def _forget_in_child() -> None:
    for descriptor in _held:
        os.close(descriptor)
    _held.clear()


os.register_at_fork(after_in_child=_forget_in_child)
