"""An activity's own `timeout`: the host validates it, and never looks at it again (chaoslib/activity.py)."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

__all__ = ["TooLate", "time_limit", "within"]


class TooLate(BaseException):
    """It took longer than it may. No `Exception`, so that the activity's own code does not swallow it."""


def time_limit(activity: dict[str, Any]) -> float | None:
    """Seconds that it may take; None when it states none that can be kept."""
    seconds = activity.get("timeout")
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 < seconds < float("inf"):
        return None
    return float(seconds)


@contextmanager
def within(activity: dict[str, Any]) -> Iterator[None]:
    """Raise TooLate out of the block when its time is over; in the main thread only."""
    seconds = time_limit(activity)

    def ring(number: int, frame: FrameType | None) -> None:
        raise TooLate(f"it took longer than its timeout of {seconds:g} s")

    if seconds is None:
        yield
        return
    before = signal.signal(signal.SIGALRM, ring)
    left = signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        signal.setitimer(signal.ITIMER_REAL, *left)  # somebody else's alarm, a little later than it was to be
