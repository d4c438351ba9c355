"""Signals held back while faults are undone, so that an impatient Ctrl-C does not leave one in.

The third one is heard: what is left is the watchdog's then. Only the main thread may swap handlers; elsewhere, and in
a process where the host put none, nothing changes.
"""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

__all__ = ["LeftToWatchdog", "held_back"]

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

    before = {number: signal.signal(number, hold) for number in _HELD}
    try:
        yield came
    finally:
        for number, handler in before.items():
            signal.signal(number, handler if handler is not None else signal.SIG_DFL)
        if redeliver and came and came[-1] is not None:
            signal.raise_signal(came[-1])
