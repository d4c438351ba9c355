"""Time and chance, handed in: the only file that asks the machine for either.

Three clocks are kept apart. *Wall* is for people and for other hosts. *Monotonic* is for measuring. *Boot* counts
while a laptop sleeps (CLOCK_BOOTTIME, `man 2 clock_gettime`), so deadlines and leases are kept on it.
"""

import random
import secrets
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

__all__ = ["SYSTEM", "Clock", "FakeClock", "SystemClock", "boot_id", "chance", "new_id"]


class Clock(Protocol):
    """What the rooms ask of time. All seconds are floats."""

    def wall(self) -> datetime:
        """Now, in UTC, with its zone."""

    def monotonic(self) -> float:
        """Seconds since some fixed point; never goes back."""

    def boot(self) -> float:
        """Seconds since boot, time asleep included."""

    def sleep(self, seconds: float) -> None:
        """Wait that long; no longer than needed, never less."""


class SystemClock:
    """The machine's own clocks."""

    def wall(self) -> datetime:
        """Now, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds on CLOCK_MONOTONIC."""
        return time.monotonic()

    def boot(self) -> float:
        """Seconds on CLOCK_BOOTTIME; CLOCK_MONOTONIC where a system has no such clock."""
        clock = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
        return time.clock_gettime(clock)

    def sleep(self, seconds: float) -> None:
        """Block the calling thread."""
        if seconds > 0:
            time.sleep(seconds)


class FakeClock:
    """A clock for tests: it moves when told, or by as much as somebody sleeps."""

    def __init__(self, start: datetime | None = None) -> None:
        self._start = start or datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
        self._passed = 0.0

    def wall(self) -> datetime:
        """The start plus what has passed."""
        return self._start + timedelta(seconds=self._passed)

    def monotonic(self) -> float:
        """What has passed, in seconds."""
        return self._passed

    def boot(self) -> float:
        """The same as monotonic: a fake machine never sleeps."""
        return self._passed

    def sleep(self, seconds: float) -> None:
        """Return at once; the clock has moved."""
        self._passed += max(0.0, seconds)

    def move(self, seconds: float) -> None:
        """Let time pass."""
        self._passed += seconds


SYSTEM: Clock = SystemClock()


def boot_id() -> str:
    """The kernel's id of this boot (`/proc/sys/kernel/random/boot_id`); empty where there is none."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


def new_id(digits: int = 6) -> str:
    """A short random id in lower-case hex, unpredictable on purpose (two hosts never share a seed)."""
    return secrets.token_hex((digits + 1) // 2)[:digits]


def chance(seed: int | str | None = None) -> random.Random:
    """A source of chance; the same seed gives the same draws."""
    return random.Random(seed)
