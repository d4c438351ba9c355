"""From the traces to the sum, on cases that are made up; tests/chaos/test_selftest.py does it for real."""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from chaoslib_ext.errors import SelftestError
from chaoslib_ext.selftest.case import Case, Outcome
from chaoslib_ext.selftest.point import Point
from chaoslib_ext.selftest.scenarios import KILLED, RUN
from chaoslib_ext.selftest.whole import traced, whole


class Course:
    """Answers at once."""

    def __init__(self, points: Sequence[Point]) -> None:
        self.points = points
        self.spans: list[float] = []

    def outcomes(self, cases: Sequence[Case], *, span: float) -> Iterator[Outcome]:
        """Each clean."""
        self.spans.append(span)
        for case in cases:
            yield Outcome(case, (), None if case.is_trace else 0.1, points=tuple(self.points) if case.is_trace else ())


def test_the_points_that_were_traced_are_struck_and_all_is_told() -> None:
    point = Point("runner", "fsync", "a.py:f", 1, ("a.py:f",), 0.7)
    course: Any = Course([point])
    heard: list[int] = []
    told: list[Outcome] = []
    found = whole(course, "quick", "s", 2, on_cases=lambda cases: heard.append(len(cases)), on_outcome=told.append)
    assert found.is_clean and sum(heard) == len(found.outcomes) == len(told)
    assert {one.case.point for one in found.outcomes} == {None, point}
    assert sum(one.case.kill is not None for one in found.outcomes) == 2
    assert course.spans == [1.0, 0.7], "kills are drawn from the time that a run took"


def test_where_nothing_was_traced_nothing_is_proved() -> None:
    outcomes = [
        Outcome(Case(KILLED), said="No module named x"),
        Outcome(Case(RUN), points=(Point("runner", "http", "a", 1),)),
    ]
    with pytest.raises(SelftestError, match=r"'killed'.*No module named x"):
        traced(outcomes)
