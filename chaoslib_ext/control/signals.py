"""Signals that end a run promptly, with everything undone.

The host turns SIGTERM into an exception that a Python activity swallows, and leaves SIGHUP to the system: no undo
at all. Here both end the run like its own graceful exit: SystemExit(20), which passes every `except Exception`
and after which the host still runs rollbacks and tells its handlers (chaoslib/exit.py).

While an activity is under way in the background, the host would wait for its end before any rollback. Then all of them,
Ctrl-C and the graceful exit too, leave by SystemExit(30): it does not wait, and plays no rollbacks; we do (`guests`).

Once rollbacks are played, the first signal is held back: an impatient second Ctrl-C must not cost one of them.
"""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any

from chaoslib_ext.undo.signals import put_in

from . import screen

__all__ = ["Signals", "deferred"]

_GRACEFUL = 20  # chaoslib/exit.py: leave now, play the rollbacks
_AT_ONCE = 30  # the same: leave now, wait for nothing
_ENDING = ("SIGTERM", "SIGHUP", "SIGINT", "SIGUSR1", "SIGUSR2")
_DEFERRED = ("SIGINT", "SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2")


class Signals:
    """Ours from `install` to `restore`; `seen` names what came."""

    def __init__(
        self, must_not_wait: Callable[[], bool] = lambda: False, is_on_way_back: Callable[[], bool] = lambda: False
    ) -> None:
        """`must_not_wait`: is something under way that the host would wait for? `is_on_way_back`: does it undo?"""
        self.seen: list[str] = []
        self.left_at_once = False
        self._has_held_one = False
        self._must_not_wait = must_not_wait
        self._is_on_way_back = is_on_way_back
        self._before: dict[int, Any] = {}
        self._pid = os.getpid()

    def install(self) -> None:
        """Take the ending signals, in the main thread only; what is ignored on purpose (nohup) stays ignored."""
        if threading.current_thread() is not threading.main_thread():
            return
        for name in _ENDING:
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
                self._before[number] = signal.signal(number, self._leave)

    def restore(self) -> None:
        """Give them back as they were."""
        for number, handler in self._before.items():
            signal.signal(number, handler if handler is not None else signal.SIG_DFL)
        self._before.clear()

    def _leave(self, number: int, frame: FrameType | None) -> None:
        if self._pid != os.getpid():  # a forked child: it is not the run, and the signal does what it does anywhere
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)
            return
        if number == signal.SIGUSR1 and self._is_on_way_back():
            return  # a guard or safeguard that tripped a moment too late must not cut a rollback short
        if self._is_held(number):
            return
        self.left_at_once = number == signal.SIGUSR2 or self._must_not_wait()
        if number in (signal.SIGTERM, signal.SIGHUP):
            self.seen.append(signal.Signals(number).name)
        elif number == signal.SIGINT and not self.left_at_once:
            raise KeyboardInterrupt
        elif number == signal.SIGINT:
            self.seen.append("Ctrl-C")
        raise SystemExit(_AT_ONCE if self.left_at_once else _GRACEFUL)

    def _is_held(self, number: int) -> bool:
        """The first that comes while rollbacks are played waits for their end: one that was cut short is not done."""
        if self._has_held_one or number == signal.SIGUSR2 or not self._is_on_way_back():
            return False
        self._has_held_one = True
        self.seen.append(signal.Signals(number).name)
        with suppress(RuntimeError):  # in the middle of another line
            screen.complain(
                "The rollbacks are being played, then the run ends; once more cuts the one under way short."
            )
        return True


@contextmanager
def deferred() -> Iterator[list[str]]:
    """Hold back every ending signal inside the block; gives the names of those that came.

    A handler that somebody else put in inside the block stays.
    """
    came: list[str] = []
    if threading.current_thread() is not threading.main_thread():
        yield came
        return

    def note(number: int, frame: FrameType | None) -> None:
        came.append(signal.Signals(number).name)

    numbers = [getattr(signal, name) for name in _DEFERRED if hasattr(signal, name)]
    before, _ = put_in({one: note for one in numbers if signal.getsignal(one) is not signal.SIG_IGN})
    try:
        yield came
    finally:
        put_in({one: was for one, was in before.items() if signal.getsignal(one) is note})
