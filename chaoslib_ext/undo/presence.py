"""Which processes are at a run right now, its runner and its watchdog, and whether they go on. Told by locks that the
kernel takes back.

Open file description locks (`man 2 fcntl`) on one byte each of `<run>.owner`: seen from every process and container
that shares the state folder, gone when their holder dies, however it dies, and read without being taken. A child that
the holder forks would keep them; it gives its copies back at birth. No pid says as much: it is used again, and means
nothing in another container.

A process that was stopped (SIGSTOP, a frozen cgroup) keeps its locks. So each holder also locks the byte that the boot
clock points to, and moves that lock twice a second: a sign of life that needs no disk and stops with its process.
"""

import fcntl
import os
import struct
import threading
from contextlib import suppress
from pathlib import Path

from chaoslib_ext.clock import SYSTEM, Clock
from chaoslib_ext.folders import private_flags

from .signals import be_deaf

__all__ = [
    "RUNNER",
    "WATCHDOG",
    "Presence",
    "gives_signs",
    "is_silent",
    "is_stopped",
    "is_there",
    "is_unwatched",
    "last_sign",
    "owner_file",
    "silent_for",
]

RUNNER, WATCHDOG = 0, 1
"""Which byte is whose."""

_EVERY = 0.5
"""Seconds between two signs of life."""
_PATIENCE = 2.0
"""Seconds to look for a sign of life: more than three are due in that time."""
_SIGNS = 1 << 40
"""The first byte of the runner's signs, one a millisecond on the boot clock; the watchdog's begin at twice that."""

_FLOCK = "hhqqi"  # struct flock of Linux: type, whence, start, length, pid
_held: dict[int, "Presence"] = {}
_starting = threading.Lock()
_signing: threading.Thread | None = None


def owner_file(log: Path) -> Path:
    """Beside the undo log of a run: the file that its runner and its watchdog hold."""
    return log.with_suffix(".owner")


class Presence:
    """Held by the calling process from now on, until `leave` or its end. Raises OSError when that is not possible, and
    RuntimeError when there is no thread to give signs of life.

    A run has one runner. It may have two watchdogs: one that was stopped, and one in its place.
    """

    def __init__(self, log: Path, who: int) -> None:
        self._who = who
        self._sign: int | None = None
        self._moving = threading.RLock()
        self._descriptor = os.open(owner_file(log), os.O_RDWR | os.O_CREAT | private_flags, 0o600)
        try:
            self._set(who, fcntl.F_WRLCK if who == RUNNER else fcntl.F_RDLCK)
            _held[self._descriptor] = self
            self.sign()
            _start_signing()
        except (OSError, RuntimeError):
            _held.pop(self._descriptor, None)
            os.close(self._descriptor)
            raise

    def sign(self, clock: Clock = SYSTEM) -> None:
        """Give a sign of life. Raises OSError."""
        with self._moving:
            before, now = self._sign, _byte(self._who, clock.boot())
            if now == before or _held.get(self._descriptor) is not self:
                return
            self._set(now, fcntl.F_RDLCK)
            self._sign = now
            if before is not None:
                self._set(before, fcntl.F_UNLCK)

    def leave(self) -> None:
        """Not at it any more."""
        with self._moving:
            if _held.get(self._descriptor) is not self:
                return
            del _held[self._descriptor]
            with suppress(OSError):  # an activity may have closed it, and with it our hold
                for byte in (self._who, self._sign):
                    if byte is not None:
                        self._set(byte, fcntl.F_UNLCK)  # a child's copy too
                os.close(self._descriptor)

    def _set(self, byte: int, kind: int) -> None:
        fcntl.fcntl(self._descriptor, fcntl.F_OFD_SETLK, _lock(kind, byte))


def _start_signing() -> None:
    """One thread gives the signs of all that this process holds."""
    global _signing
    with _starting:
        if _signing is None:
            thread = threading.Thread(target=_sign_on, name="sign-of-life", daemon=True)
            thread.start()
            _signing = thread


def _sign_on() -> None:
    be_deaf()
    while True:
        SYSTEM.sleep(_EVERY)
        for held in list(_held.values()):
            with suppress(OSError):  # an activity may have closed it
                held.sign()


def is_there(log: Path, who: int) -> bool | None:
    """Is it held? None when that cannot be told: there is no such file, as beside logs of before it was written."""
    found = _found(log, who, 1)
    return None if found is None else found[0] != fcntl.F_UNLCK


def is_silent(log: Path, who: int, clock: Clock = SYSTEM) -> bool:
    """True for a process that is there, but gave no sign of life for as long as this call looked, a few seconds: it was
    stopped. False as soon as it gives one, and for a process of before signs were given.
    """
    began, first, waited = clock.boot(), _sign_of(log, who), clock.monotonic()
    if first is None or not is_there(log, who):
        return False
    while clock.monotonic() - waited < _PATIENCE:
        if not is_there(log, who) or _sign_of(log, who) != first or _sign_of(log, who, began) is not None:
            return False
        clock.sleep(0.02)
    return True


def gives_signs(log: Path, who: int, clock: Clock = SYSTEM) -> bool:
    """True if it has just given a sign of life, as any that runs has. Does not wait."""
    return _sign_of(log, who, clock.boot() - 3 * _EVERY) is not None


def last_sign(log: Path, who: int) -> float | None:
    """Boot seconds of its last sign of life; None for a process that gives none, or is not there."""
    found = _sign_of(log, who)
    return None if found is None else (found - _byte(who, 0.0)) / 1000


def silent_for(log: Path, who: int, clock: Clock = SYSTEM) -> float:
    """Seconds since its last sign of life; 0 for a process that gives none (an older version), or is not there."""
    last = last_sign(log, who)
    return 0.0 if last is None else max(0.0, clock.boot() - last)


def is_stopped(log: Path, who: int) -> bool:
    """As `is_silent`, but believes a sign of life that was given just before, so that it rarely waits."""
    return not gives_signs(log, who) and is_silent(log, who)


def is_unwatched(log: Path) -> bool:
    """True if no watchdog is at the run: there is none, or it was stopped, which takes a moment to tell."""
    if gives_signs(log, WATCHDOG):
        return False
    return is_there(log, WATCHDOG) is False or is_silent(log, WATCHDOG)


def _sign_of(log: Path, who: int, since: float = 0.0) -> int | None:
    """The byte of a sign of life that was given since then; None when there is none."""
    first, end = _byte(who, max(since, 0.0)), _byte(who + 1, 0.0)
    found = _found(log, first, end - first)
    return None if found is None or found[0] == fcntl.F_UNLCK else found[1]


def _byte(who: int, boot: float) -> int:
    return (who + 1) * _SIGNS + int(boot * 1000)


def _found(log: Path, byte: int, length: int) -> tuple[int, int] | None:
    """Kind and first byte of a lock that another process holds in there (F_UNLCK: there is none); None when nothing can
    be told.
    """
    try:
        descriptor = os.open(owner_file(log), os.O_RDONLY | private_flags)  # read only: it may be on a read-only disk
    except OSError:
        return None
    try:
        answer = fcntl.fcntl(descriptor, fcntl.F_OFD_GETLK, _lock(fcntl.F_WRLCK, byte, length))
    except OSError:  # a file system that knows no such locks
        return None
    finally:
        os.close(descriptor)
    kind, _, first, _, _ = struct.unpack(_FLOCK, answer)
    return int(kind), int(first)


def _lock(kind: int, byte: int, length: int = 1) -> bytes:
    return struct.pack(_FLOCK, kind, os.SEEK_SET, byte, length, 0)


def _forget_in_child() -> None:
    global _signing, _starting
    for descriptor in _held:
        with suppress(OSError):
            os.close(descriptor)
    _held.clear()
    _signing, _starting = None, threading.Lock()


os.register_at_fork(after_in_child=_forget_in_child)
