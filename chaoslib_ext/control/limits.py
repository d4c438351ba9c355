"""An activity's own `timeout` is kept: the host validates it and never looks at it again (chaoslib/activity.py)."""

import threading
from collections.abc import Callable
from typing import Any

from chaoslib_ext.guests.time_limit import time_limit

__all__ = ["Limits"]


class Limits:
    """One timer for each activity under way that states a `timeout` in seconds."""

    def __init__(self) -> None:
        self._timers: dict[int, threading.Timer] = {}
        self._rang: dict[int, str] = {}

    def begin(self, number: int, activity: dict[str, Any], late: Callable[[str], None]) -> None:
        """It starts now; `late` is told when it takes longer."""
        seconds = time_limit(activity)
        if seconds is None:
            return
        says = f"took longer than its timeout of {seconds:g} s"

        def ring() -> None:
            self._rang[number] = f"it {says}"
            late(f'"{activity.get("name")}" {says}')

        timer = threading.Timer(seconds, ring)
        timer.daemon = True
        self._timers[number] = timer
        timer.start()

    def end(self, number: int) -> str | None:
        """It is over; says so in words when that was too late."""
        timer = self._timers.pop(number, None)
        if timer is not None:
            timer.cancel()
        return self._rang.pop(number, None)
