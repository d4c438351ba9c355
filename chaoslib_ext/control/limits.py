"""An activity's own `timeout` is kept: the host validates it and never looks at it again (chaoslib/activity.py)."""

import threading
from collections.abc import Callable
from typing import Any

__all__ = ["Limits"]


class Limits:
    """One timer for each activity under way that states a `timeout` in seconds; `stop` ends the run."""

    def __init__(self, stop: Callable[[str], None]) -> None:
        self._stop = stop
        self._timers: dict[int, threading.Timer] = {}

    def begin(self, number: int, activity: dict[str, Any]) -> None:
        """It starts now."""
        seconds = activity.get("timeout")
        if isinstance(seconds, bool) or not isinstance(seconds, int | float) or seconds <= 0:
            return
        says = f'"{activity.get("name")}" took longer than its timeout of {seconds:g} s'
        timer = threading.Timer(seconds, self._stop, args=(says,))
        timer.daemon = True
        self._timers[number] = timer
        timer.start()

    def end(self, number: int) -> None:
        """It is over."""
        timer = self._timers.pop(number, None)
        if timer is not None:
            timer.cancel()
