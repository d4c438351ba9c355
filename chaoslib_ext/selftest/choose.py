"""Which cases: of the points that were traced, at which is what done. Chance is drawn from a seed that is printed."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Literal

from chaoslib_ext.clock import chance

from .case import Case, Kill
from .endings import DISTURBANCES, ENDINGS, KILL, Ending
from .point import Point, When
from .scenarios import ALL, DOOR, GUEST, KILLED, RUN, Scenario

__all__ = ["Extent", "Traced", "at_points", "chosen", "kills", "traces"]

Extent = Literal["quick", "usual", "full"]
Traced = Mapping[Scenario, Sequence[Point]]

_WHENS: tuple[When, ...] = ("before", "after")
_QUICK_POINTS = 8
_QUICK_DISTURBANCES = (
    "undo log: disk full",
    "server is restarted",
    "machine sleeps for an hour",
    "watchdog is stopped, run is killed",
    "no more threads, run is killed",
)
_PLACES = 3
"""Points at which each disturbance is tried, when not all are."""


@dataclass(frozen=True)
class _At:
    scenario: Scenario
    point: Point


def traces(extent: Extent) -> list[Case]:
    """The runs that find the points."""
    return [Case(one) for one in ((RUN, KILLED) if extent == "quick" else ALL)]


def chosen(traced: Traced, extent: Extent, seed: str, count: int, only: str = "") -> list[Case]:
    """All cases of a course but its traces; `count`: how many kills at random; `only` those whose id holds this."""
    draw = chance(seed)
    cases = [*at_points(traced, extent, draw), *_disturbed(traced, extent, draw), *kills(seed, count)]
    return [case for case in cases if only in case.id]


def at_points(traced: Traced, extent: Extent, draw: Random) -> Iterator[Case]:
    """SIGKILL at each point, before and after; the other endings at each place of the code, or at each way to it."""
    every = list(_all(traced))
    ways = list(_firsts(every, lambda at: at.point.path))
    places = list(_firsts(every, lambda at: (at.point.role, at.point.kind, at.point.site)))
    killed = {"quick": draw.sample(ways, min(_QUICK_POINTS, len(ways))), "usual": ways, "full": every}[extent]
    others = {"quick": draw.sample(places, min(1, len(places))), "usual": places, "full": ways}[extent]
    whens: Sequence[When] = _WHENS if extent != "quick" else ("after",)
    yield from (Case(at.scenario, at.point, when, KILL) for at in killed for when in whens)
    for ending in ENDINGS[1:]:
        yield from (_case(at, ending, draw) for at in others if at.point.role in ending.roles)


def _disturbed(traced: Traced, extent: Extent, draw: Random) -> Iterator[Case]:
    ways = _firsts(_all(traced), lambda at: at.point.path)
    running = [at for at in ways if at.scenario in (RUN, DOOR) and at.point.role == "runner"]
    hurt = [at for at in running if _is_with_faults(at.point, traced[at.scenario])]
    for ending in DISTURBANCES:
        if extent != "quick" or ending.name in _QUICK_DISTURBANCES:
            places = hurt if ending.with_faults else running
            number = {"quick": 1, "usual": _PLACES, "full": len(places)}[extent]
            yield from (_case(at, ending, draw) for at in draw.sample(places, min(number, len(places))))


def _is_with_faults(point: Point, points: Sequence[Point]) -> bool:
    """True if it lies between the first fault that was read back and the last."""
    confirmed = [one.seconds for one in points if one.role == "runner" and one.site.endswith(".confirm")]
    return bool(confirmed) and confirmed[0] < point.seconds <= confirmed[-1]


def _case(at: _At, ending: Ending, draw: Random) -> Case:
    return Case(at.scenario, at.point, draw.choice(_WHENS), ending)


def kills(seed: str, count: int) -> list[Case]:
    """Kills at random moments, of runs with and without the control, and with a guest."""
    kinds = (RUN, RUN, GUEST, DOOR)
    return [Case(kinds[number % len(kinds)], kill=Kill.of(f"{seed}-{number}")) for number in range(count)]


def _all(traced: Traced) -> Iterator[_At]:
    """Every point once: what another scenario comes by in the same state is left out."""
    seen = set()
    for scenario in traced:
        is_stopped = False  # from the first signal on, the same way leads through another state
        for point in traced[scenario]:
            is_stopped = is_stopped or point.kind == "handler"
            if scenario.only and not any(site.startswith(scenario.only) for site in point.chain):
                continue
            key = (point.name("before"), point.chain, is_stopped, scenario if scenario is DOOR else None)
            if key not in seen:
                seen.add(key)
                yield _At(scenario, point)


def _firsts(points: Iterable[_At], key: Callable[[_At], Hashable]) -> Iterator[_At]:
    seen = set()
    for at in points:
        value = key(at)
        if value not in seen:
            seen.add(value)
            yield at
