"""When to wake whom: one queue of deadlines for all toxics, kept by the kernel's timer (timerfd_create(2)).

Event loops count in whole milliseconds, and uvloop may ring up to one too early. A latency toxic promises its delay,
so deadlines here are absolute, exact to some ten microseconds, and never early. Where there is no timerfd the loop's
own timer serves, and is asked again when it rang too early.
"""

import asyncio
import ctypes
import os
from collections.abc import Callable
from heapq import heapify, heappop, heappush
from itertools import count
from math import isinf

from chaoslib_ext.clock import SYSTEM

__all__ = ["Alarm", "Alarms"]

CLOCK_MONOTONIC = 1
TFD_NONBLOCK_CLOEXEC = 0o2004000
TFD_TIMER_ABSTIME = 1
LONGEST = 10 * 365 * 86400.0
"""Seconds; what is due later is treated as never."""


class _Timespec(ctypes.Structure):
    _fields_ = (
        ("interval_s", ctypes.c_long),
        ("interval_ns", ctypes.c_long),
        ("s", ctypes.c_long),
        ("ns", ctypes.c_long),
    )


class Alarm:
    """One deadline; `cancel` forgets it."""

    __slots__ = ("forgotten", "ring")

    def __init__(self, ring: Callable[[], None], forgotten: Callable[[], None] | None = None) -> None:
        self.ring: Callable[[], None] | None = ring
        self.forgotten = forgotten

    def cancel(self) -> None:
        """Never ring."""
        if self.ring and self.forgotten:
            self.forgotten()
        self.ring = None


class Alarms:
    """All deadlines of one event loop, on the monotonic clock in seconds."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._queue: list[tuple[float, int, Alarm]] = []
        self._order = count()
        self._cancelled = 0
        self._armed = float("inf")
        self._handle: asyncio.TimerHandle | None = None
        self._libc, self._fd = _timerfd()
        if self._fd >= 0:
            loop.add_reader(self._fd, self._rang)

    def now(self) -> float:
        """Seconds on the monotonic clock."""
        return SYSTEM.monotonic()

    def at(self, when: float, ring: Callable[[], None]) -> Alarm:
        """Call `ring` as soon as the monotonic clock shows `when`, not before; an infinite one never rings."""
        alarm = Alarm(ring, self._forgot)
        if not isinf(when) and when - self.now() < LONGEST:
            heappush(self._queue, (when, next(self._order), alarm))
            self._arm()
        return alarm

    def close(self) -> None:
        """Give the timer back; nothing rings any more."""
        self._queue.clear()
        if self._handle:
            self._handle.cancel()
        if self._fd >= 0:
            self._loop.remove_reader(self._fd)
            os.close(self._fd)
            self._fd = -1

    def _forgot(self) -> None:
        """Sweep when most of the queue is cancelled: a far deadline asked for at every chunk must not pile up."""
        self._cancelled += 1
        if self._cancelled > 1000 and self._cancelled > len(self._queue) // 2:
            self._queue = [entry for entry in self._queue if entry[2].ring]
            heapify(self._queue)
            self._cancelled = 0

    def _rang(self) -> None:
        if self._fd >= 0:
            try:
                os.read(self._fd, 8)
            except BlockingIOError:
                return  # set anew meanwhile
        self._armed = float("inf")
        now = self.now()
        try:
            while self._queue and self._queue[0][0] <= now:
                _, _, alarm = heappop(self._queue)
                ring, alarm.ring = alarm.ring, None
                if ring:
                    ring()
        finally:  # one that breaks must not silence the others
            self._arm()

    def _arm(self) -> None:
        while self._queue and self._queue[0][2].ring is None:
            heappop(self._queue)
        if not self._queue or self._queue[0][0] >= self._armed:
            return
        self._armed = when = self._queue[0][0]
        if self._fd >= 0:
            self._set(when)
        else:
            if self._handle:
                self._handle.cancel()
            self._handle = self._loop.call_later(max(0.0, when - self.now()), self._rang)

    def _set(self, when: float) -> None:
        seconds = int(when)
        spec = _Timespec(0, 0, seconds, int((when - seconds) * 1e9) + 1)  # + 1: zero would mean never
        if self._libc.timerfd_settime(self._fd, TFD_TIMER_ABSTIME, ctypes.byref(spec), None):
            raise OSError(ctypes.get_errno(), "timerfd_settime")


def _timerfd() -> tuple[ctypes.CDLL, int]:
    """The C library and a timer of it; -1 where the system has none."""
    libc = ctypes.CDLL(None, use_errno=True)
    try:
        return libc, libc.timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK_CLOEXEC)
    except AttributeError:
        return libc, -1
