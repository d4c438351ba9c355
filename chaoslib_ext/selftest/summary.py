"""What a course came to: rows for a table, times, and what was left. Pure: no process, no clock."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

from .case import Case, Outcome
from .endings import DISTURBANCES, ENDINGS

__all__ = ["Row", "Summary", "Times"]

_KINDS = {
    "fsync": "fsync",
    "rename": "rename",
    "http": "request",
    "signal": "handler swapped",
    "handler": "handler runs",
}
_ORDER = tuple(_KINDS)


@dataclass(frozen=True)
class Times:
    """Seconds until clean, of those runs that were struck; None when there were none."""

    p50: float | None
    p99: float | None
    most: float | None

    @classmethod
    def of(cls, outcomes: Sequence[Outcome]) -> "Times":
        """By nearest rank: always a time that was really seen."""
        seen = sorted(one.seconds for one in outcomes if one.seconds is not None)
        if not seen:
            return cls(None, None, None)
        return cls(_ranked(seen, 0.5), _ranked(seen, 0.99), seen[-1])

    def as_json(self) -> dict[str, float | None]:
        """In seconds."""
        return {"p50_s": self.p50, "p99_s": self.p99, "max_s": self.most}


def _ranked(seen: Sequence[float], share: float) -> float:
    return seen[ceil(share * len(seen)) - 1]


@dataclass(frozen=True)
class Row:
    """One line: where, at how many points, and by column what came of it (`{"SIGKILL": (clean, all)}`)."""

    where: str
    points: int
    cells: dict[str, tuple[int, int]]
    times: Times

    @classmethod
    def of(cls, where: str, outcomes: Sequence[Outcome], column: Callable[[Case], str]) -> "Row":
        """Of the outcomes of one line."""
        cells: dict[str, tuple[int, int]] = {}
        for one in outcomes:
            clean, count = cells.get(column(one.case), (0, 0))
            cells[column(one.case)] = (clean + (not one.left), count + 1)
        points = {(one.case.scenario.name, one.case.point) for one in outcomes if one.case.point}
        return cls(where, len(points), cells, Times.of(outcomes))

    def as_json(self) -> dict[str, Any]:
        """As plain data."""
        cells = {name: {"clean": clean, "runs": count} for name, (clean, count) in self.cells.items()}
        return {"where": self.where, "points": self.points, "endings": cells, **self.times.as_json()}


@dataclass(frozen=True)
class Summary:
    """Of all outcomes of a course, its traces included."""

    outcomes: tuple[Outcome, ...]

    @property
    def is_clean(self) -> bool:
        """Was nothing left, by no run?"""
        return not self.failures

    @property
    def failures(self) -> tuple[Outcome, ...]:
        """Those that left something."""
        return tuple(one for one in self.outcomes if one.left)

    @property
    def missed(self) -> tuple[Outcome, ...]:
        """Those that never came by their point (what a run does varies a little); they ended, and were looked at."""
        return tuple(one for one in self.outcomes if one.case.point and not one.was_reached)

    @property
    def points(self) -> int:
        """At how many different points something was done."""
        return len({(one.case.scenario.name, one.case.point) for one in self.outcomes if one.case.point})

    @property
    def times(self) -> Times:
        """From the blow until clean, of the runs that a blow ended and the watchdog, or the run itself, cleaned up."""
        return Times.of(
            [one for one in self.outcomes if one.case.ends_run and not one.by_command and not _takes_its_time(one)]
        )

    def endings(self) -> list[Row]:
        """A row a process, room and kind of point; a column an ending."""
        ended = [one for one in self.outcomes if one.case.point and one.case.ending in ENDINGS]
        groups: dict[tuple[str, str, int], list[Outcome]] = {}
        for one in ended:
            point = one.case.point
            if point:
                groups.setdefault((point.role, point.room, _ORDER.index(point.kind)), []).append(one)
        return [
            Row.of(f"{role}: {room}, {_KINDS[_ORDER[kind]]}", groups[role, room, kind], _ending)
            for role, room, kind in sorted(groups, key=_by_role)
        ]

    def others(self) -> list[Row]:
        """A row a disturbance, one a way of killing at random, and one for the runs that nothing was done to."""
        rows = [(one.name, [it for it in self.outcomes if it.case.ending == one]) for one in DISTURBANCES]
        for who in ("run", "group", "watchdog", "both"):
            killed = [it for it in self.outcomes if it.case.kill and it.case.kill.who == who]
            rows.append((f"killed at random: {_WHO[who]}", killed))
        rows.append(("nothing (to find the points)", [it for it in self.outcomes if it.case.is_trace]))
        return [Row.of(where, found, lambda case: "runs") for where, found in rows if found]

    def as_json(self) -> dict[str, Any]:
        """As plain data."""
        return {
            "clean": self.is_clean,
            "points": self.points,
            "runs": len(self.outcomes),
            "missed": len(self.missed),
            **self.times.as_json(),
            "endings": [row.as_json() for row in self.endings()],
            "others": [row.as_json() for row in self.others()],
            "left": [one.as_json() for one in self.failures],
        }


_WHO = {"run": "the run", "group": "its process group", "watchdog": "its watchdog", "both": "run and watchdog"}


def _takes_its_time(one: Outcome) -> bool:
    """A run that hangs keeps its faults until its lease is over; rollbacks of somebody else's take what they take."""
    return one.case.scenario.guest or one.case.hangs


def _ending(case: Case) -> str:
    return case.ending.name if case.ending else ""


def _by_role(group: tuple[str, str, int]) -> tuple[int, str, int]:
    role, room, kind = group
    return ("runner", "watchdog", "player", "hand").index(role), room, kind
