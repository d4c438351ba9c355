"""The lease: how long a runner may give no sign of life before its faults are taken back.

It covers hangs only (a stopped or stuck process); a death is seen at once. Kept on the boot clock, which counts while a
machine sleeps. Who looks seldom, because it slept or was starved itself, cannot tell the other's silence from its own,
and gives it one beat more.
"""

import os

from chaoslib_ext.clock import SYSTEM, Clock
from chaoslib_ext.errors import BadInput

__all__ = ["DEFAULT", "LONGEST", "SHORTEST", "VARIABLE", "Lease", "asked_for"]

VARIABLE = "CHAOS_LEASE"
DEFAULT, SHORTEST, LONGEST = 10.0, 2.0, 60.0
"""Seconds. Shorter than two, a busy machine would look like a dead one."""

_BEATS = 4
"""Signs of life in one lease."""


def asked_for() -> float:
    """Seconds, from CHAOS_LEASE (`10s`, `1m`) or the default. Raises BadInput."""
    from chaoslib_ext.model import parse_duration

    named = os.environ.get(VARIABLE, "").strip()
    if not named:
        return DEFAULT
    try:
        seconds = parse_duration(float(named) if named.replace(".", "", 1).isdigit() else named)
    except ValueError as error:
        raise BadInput(f"{VARIABLE}: {error}") from None
    if not SHORTEST <= seconds <= LONGEST:
        raise BadInput(
            f"{VARIABLE} is {named}; a lease is {SHORTEST:g}s to {LONGEST:g}s long (without it {DEFAULT:g}s)"
        )
    return seconds


class Lease:
    """`seconds` of patience with a runner, from its first sign of life on; 0: endless."""

    def __init__(self, seconds: float, clock: Clock = SYSTEM) -> None:
        self.seconds = seconds
        self.has_lapsed = False
        self._clock = clock
        self._until: float | None = None
        self._looked = clock.boot()

    @property
    def beat(self) -> float:
        """Seconds between two signs of life, and the most that may pass between two looks."""
        return self.seconds / _BEATS

    @property
    def is_on(self) -> bool:
        """Is there anything to look at?"""
        return self._until is not None and not self.has_lapsed

    def renew(self) -> None:
        """A sign of life, or nothing that it could be needed for."""
        if self.seconds:
            self._until = self._looked = self._clock.boot()
            self._until += self.seconds

    def stop(self) -> None:
        """There will be no more signs of life, on purpose."""
        self.seconds, self._until = 0.0, None

    def look(self) -> bool:
        """Has it lapsed just now? Only ever once."""
        now, before = self._clock.boot(), self._looked
        self._looked = now
        if self._until is None or self.has_lapsed:
            return False
        if now - before > 2 * self.beat:
            self._until = max(self._until, now + self.beat)
        self.has_lapsed = now >= self._until
        return self.has_lapsed
