"""When: weekly windows and blackouts, in a time zone, as real moments. Pure: the time is handed in.

A clock change never makes a window longer than either reading of it: where a time of day comes twice, a window begins
at the later and ends at the earlier one; where it is left out, it begins after the gap and ends before it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

__all__ = ["DAYS", "Span", "Window", "closes", "opens"]

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = timedelta(days=1)
_WEEK = timedelta(days=8)
_YEAR = timedelta(days=370)


@dataclass(frozen=True)
class Span:
    """From `begin` until just before `end`, both with their zone; `why` for people."""

    begin: datetime
    end: datetime
    why: str = ""

    def holds(self, moment: datetime) -> bool:
        """Is the moment within it?"""
        return self.begin <= moment < self.end


@dataclass(frozen=True)
class Window:
    """Every week on `days` (0 is Monday) from `begin` until just before `end` (None: midnight), in `zone`.

    One that ends no later than it begins runs over midnight, and belongs to the day on which it begins.
    """

    days: frozenset[int]
    begin: time
    end: time | None
    zone: ZoneInfo

    def spans(self, first: date, last: date) -> Iterator[Span]:
        """The real spans of the days from `first` to `last`; a day on which a clock change swallows it has none."""
        day = first
        while day <= last:
            if day.weekday() in self.days:
                span = self._on(day)
                if span.begin < span.end:
                    yield span
            day += _DAY

    def _on(self, day: date) -> Span:
        is_over_midnight = self.end is None or self.end <= self.begin
        until = datetime.combine(day + _DAY if is_over_midnight else day, self.end or time())
        return Span(max(_readings(datetime.combine(day, self.begin), self.zone)), min(_readings(until, self.zone)))


def closes(
    windows: Iterable[Window], blackouts: Iterable[Span], now: datetime, ahead: timedelta = _WEEK
) -> datetime | None:
    """Until when it stays open from `now` on without a break; None when it is closed now.

    Looked at for `ahead`: what is open all that time closes then, or a little later, as far as anybody asked.
    """
    blackouts = list(blackouts)
    spans = sorted(_all(windows, now, ahead), key=lambda span: span.begin)
    if any(black.holds(now) for black in blackouts) or not any(span.holds(now) for span in spans):
        return None
    end = now
    for span in spans:
        if span.begin <= end:
            end = max(end, span.end)
    return min([end, *(black.begin for black in blackouts if black.begin > now)])


def opens(windows: Iterable[Window], blackouts: Iterable[Span], now: datetime) -> datetime | None:
    """The next moment at or after `now` at which it is open; None when there is none within about a year."""
    windows, blackouts = list(windows), list(blackouts)
    begins = [span.begin for span in _all(windows, now, _YEAR)]
    moments = sorted(moment for moment in [now, *begins, *(black.end for black in blackouts)] if moment >= now)
    return next((moment for moment in moments if closes(windows, blackouts, moment, _DAY)), None)


def _all(windows: Iterable[Window], now: datetime, ahead: timedelta) -> Iterator[Span]:
    for window in windows:
        today = now.astimezone(window.zone).date()
        yield from window.spans(today - 2 * _DAY, today + ahead + _DAY)


def _readings(naive: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The moments, in UTC, that a time of day may mean: two, where the clock was set back or forward over it."""
    first = naive.replace(tzinfo=zone, fold=0).astimezone(UTC)
    second = naive.replace(tzinfo=zone, fold=1).astimezone(UTC)
    return first, second
