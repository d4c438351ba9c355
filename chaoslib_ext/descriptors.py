"""Descriptors: waiting for one (a pipe that is to say something, a process that is to end), and having some left."""

import os
import resource
import selectors
from contextlib import suppress

__all__ = ["FILES", "Reserve", "is_readable"]

FILES = 32
"""Descriptors that are kept for the undo: connections, locks, the record."""


def is_readable(descriptor: int, within: float) -> bool:
    """Has it something to read, or come to its end, within so many seconds? Not by `select.select`, which knows only
    the first 1,024 descriptors of a process, nor by epoll, which needs one itself.
    """
    with selectors.PollSelector() as selector:
        selector.register(descriptor, selectors.EVENT_READ)
        return bool(selector.select(within))


class Reserve:
    """Descriptors that are kept for later, when an activity may have used up all others."""

    def __init__(self, count: int) -> None:
        """Fewer where there are no more."""
        self._kept: list[int] = []
        with suppress(OSError):
            while len(self._kept) < count:
                self._kept.append(os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC))
        self._device = os.stat(os.devnull).st_rdev

    def free(self) -> None:
        """Let others open so many files from now on, and as many more as the process may ask for."""
        kept, self._kept = self._kept, []
        for one in kept:
            with suppress(OSError):  # an activity closed it
                if os.fstat(one).st_rdev == self._device:  # else another file has its number now
                    os.close(one)
        most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
