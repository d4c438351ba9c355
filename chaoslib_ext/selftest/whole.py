"""From the first trace to the last kill: find the points, choose the cases, carry them out, add it up."""

from collections.abc import Callable, Sequence
from contextlib import closing

from chaoslib_ext.errors import BadInput, SelftestError

from . import choose
from .case import Case, Outcome
from .choose import Extent, Traced
from .course import Course
from .point import Point
from .scenarios import ALL, RUN
from .summary import Summary

__all__ = ["carried_out", "traced", "whole"]

OnCases = Callable[[Sequence[Case]], None]
OnOutcome = Callable[[Outcome], None]


def whole(
    course: Course,
    extent: Extent,
    seed: str,
    kills: int,
    *,
    only: str = "",
    on_cases: OnCases = lambda cases: None,
    on_outcome: OnOutcome = lambda outcome: None,
) -> Summary:
    """All of it, or only the cases whose id holds `only`. Raises SelftestError, and BadInput when it leaves none.

    `on_cases` hears what is about to be done, `on_outcome` of each run.
    """
    first = carried_out(course, choose.traces(extent), on_cases=on_cases, on_outcome=on_outcome)
    points = traced(first)
    span = max(point.seconds for point in points[RUN])
    cases = choose.chosen(points, extent, seed, kills, only)
    if only and not cases:
        raise BadInput(
            f"--only: no id holds {only!r}; one looks like: {choose.chosen(points, extent, seed, kills)[0].id}"
        )
    return Summary((*first, *carried_out(course, cases, span=span, on_cases=on_cases, on_outcome=on_outcome)))


def carried_out(
    course: Course,
    cases: Sequence[Case],
    *,
    span: float = 1.0,
    on_cases: OnCases = lambda cases: None,
    on_outcome: OnOutcome = lambda outcome: None,
) -> tuple[Outcome, ...]:
    """These cases, in the order in which they end."""
    on_cases(cases)
    done = []
    with closing(course.outcomes(cases, span=span)) as outcomes:
        for outcome in outcomes:
            done.append(outcome)
            on_outcome(outcome)
    return tuple(done)


def traced(outcomes: Sequence[Outcome]) -> Traced:
    """The points of each scenario, in the order of `scenarios.ALL`. Raises SelftestError."""
    found: dict[str, Sequence[Point]] = {one.case.scenario.name: one.points for one in outcomes}
    by = {one: found[one.name] for one in ALL if one.name in found}
    empty = [one.name for one, points in by.items() if not points]
    if empty:
        said = next(one.said for one in outcomes if one.case.scenario.name == empty[0])
        raise SelftestError(
            f"the run {empty[0]!r} of the selftest came by no point at which it could be ended, so nothing was tested. "
            f"Its last words: {said or 'none'}"
        )
    return by
