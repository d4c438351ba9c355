"""Signals held back while faults are undone, so that an impatient Ctrl-C does not leave one in.

The third one is heard: what is left is the watchdog's then. Only the main thread may swap handlers; elsewhere, and in
a process where the host put none, nothing changes.
"""

import os
import signal
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import FrameType
from typing import Any

__all__ = ["LeftToWatchdog", "be_deaf", "held_back", "is_waiting", "leave_by", "let_be", "put_in"]

_HELD = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class LeftToWatchdog(BaseException):
    """The person insisted (three signals): the undo stops here and the watchdog finishes it. Never leaves this room."""


@contextmanager
def held_back(*, redeliver: bool) -> Iterator[list[int]]:
    """Hold SIGINT, SIGTERM and SIGHUP back; yields those that came. `redeliver` sends the last one on afterwards.

    Raises LeftToWatchdog inside the block at the third.
    """
    came: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield came
        return

    def hold(number: int, frame: FrameType | None) -> None:
        came.append(number)
        if len(came) >= 3:
            raise LeftToWatchdog
        left = 3 - len(came)
        # os.write, for a handler may run in the middle of a write to sys.stderr
        os.write(2, f"\nUndoing, a moment please ({left} more to leave it to the watchdog).\n".encode())

    before, early = put_in(dict.fromkeys(_HELD, hold))
    try:
        yield came
    finally:
        _, late = put_in(before)
        if redeliver and came:
            signal.raise_signal(came[-1])
        if (late or (early and redeliver)) and not came:
            raise [*early, *late][-1]


def put_in(handlers: Mapping[int, Any]) -> tuple[dict[int, Any], list[BaseException]]:
    """Put all of these handlers in, in the main thread; those that were there, and what they raised meanwhile.

    A signal may come between two of them and speak through one that is still to go: with that the caller must not be
    torn away half done. Raises nothing of the kind itself.
    """
    before: dict[int, Any] = {}
    raised: list[BaseException] = []
    while True:
        try:
            for number, handler in handlers.items():
                before.setdefault(number, signal.getsignal(number))
                signal.signal(number, handler if handler is not None else signal.SIG_DFL)
            return before, raised
        except (Exception, SystemExit, KeyboardInterrupt) as error:
            raised.append(error)
            if len(raised) > _MOST:
                raise


_MOST = 100
"""Signals between two lines: so many do not come, something else is wrong."""


def be_deaf() -> None:
    """Called first in a thread of ours, however short it lives: the signals that end a run are the main thread's.

    A process that was stopped gets what came meanwhile in whichever thread wakes up first; taken by another, it would
    not end the read or the sleep in which the main thread waits, and Python runs handlers nowhere else.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, {*_HELD, signal.SIGUSR1, signal.SIGUSR2})  # the host ends a run by these


def is_waiting() -> bool:
    """True if a signal that ends a run has come and the main thread has not taken it: it waits in the kernel, where no
    signal reaches it. Asked in a thread that called `be_deaf`.
    """
    return bool(signal.sigpending() & {*_HELD, signal.SIGUSR1, signal.SIGUSR2})


_ENDING = (signal.SIGTERM, signal.SIGHUP)
_LEFT = 20
"""The host's code for a graceful exit (chaoslib/exit.py)."""

_before: dict[int, Any] = {}


def leave_by() -> None:
    """From now on SIGTERM and SIGHUP end this process as `sys.exit` would, so that what is registered with `atexit` is
    done; for runs without our control.

    Python by itself dies of both at once, and the host turns SIGTERM into an error that a Python activity swallows, so
    that the run goes on with its faults in. Only the system's and the host's handlers are replaced, nobody else's.
    """
    if threading.current_thread() is not threading.main_thread():
        return
    for number in _ENDING:
        handler = signal.getsignal(number)
        if handler is signal.SIG_DFL or getattr(handler, "__module__", "") == "chaoslib.exit":
            _before[number] = signal.signal(number, _leave)


def let_be() -> None:
    """Give the handlers back."""
    if threading.current_thread() is threading.main_thread():
        for number, handler in _before.items():
            if signal.getsignal(number) is _leave:
                signal.signal(number, handler)
    _before.clear()


_owner = os.getpid()


def _leave(number: int, frame: FrameType | None) -> None:
    if os.getpid() != _owner:  # a forked child: the signal does there what it does anywhere
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
        return
    raise SystemExit(_LEFT)
