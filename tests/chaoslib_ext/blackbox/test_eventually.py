from collections.abc import Callable
from typing import Any

import pytest

from chaoslib_ext.blackbox.eventually import Patience, eventually
from chaoslib_ext.clock import FakeClock
from chaoslib_ext.errors import BadInput, NoAnswer, ProbeError


def answers(clock: FakeClock, *values: Any, takes: float = 0.0) -> Callable[[], Any]:
    """Gives one after the other, the last one for ever; an error is raised. Each takes that many seconds."""
    left = list(values)

    def ask() -> Any:
        clock.move(takes)
        value = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(value, Exception):
            raise value
        return value

    return ask


def is_up(value: Any) -> bool:
    return bool(value == "up")


def test_it_ends_as_soon_as_it_was_good_for_long_enough() -> None:
    clock = FakeClock()
    ask = answers(clock, "down", "down", "up")
    is_reached, seen = eventually(ask, is_up, Patience(30, 1, 5), clock)
    assert is_reached and seen.since == pytest.approx(2) and seen.now == pytest.approx(7)
    assert [look.as_json() for look in seen.looks] == [
        {"at_ms": 0, "value": "down", "looks": 2},
        {"at_ms": 2000, "value": "up", "looks": 6},
    ]


def test_what_falls_back_begins_anew() -> None:
    clock = FakeClock()
    is_reached, seen = eventually(answers(clock, "up", "up", "down", "up"), is_up, Patience(30, 1, 3), clock)
    assert is_reached and seen.since == pytest.approx(3) and seen.now == pytest.approx(6)


def test_a_look_that_was_not_taken_breaks_it_and_is_told() -> None:
    clock = FakeClock()
    ask = answers(clock, NoAnswer("nobody there"), "up", NoAnswer("nobody there"), "up")
    is_reached, seen = eventually(ask, is_up, Patience(30, 1, 2), clock)
    assert is_reached and seen.since == pytest.approx(3) and seen.unmeasured == 2
    assert seen.told()[0] == {"at_ms": 0, "problem": "NoAnswer: nobody there", "looks": 1}


def test_it_must_have_been_good_for_long_enough_before_the_time_is_over() -> None:
    clock = FakeClock()
    is_reached, seen = eventually(answers(clock, *["down"] * 8, "up"), is_up, Patience(10, 1, 5), clock)
    assert not is_reached and seen.since == pytest.approx(8)


def test_never_measured_is_an_error_and_a_persons_mistake_ends_it_at_once() -> None:
    clock = FakeClock()
    with pytest.raises(ProbeError, match="none of 10 looks in 10 s could be taken; the last: KeyError: 'a'"):
        eventually(answers(clock, KeyError("a")), is_up, Patience(10, 1), clock)
    with pytest.raises(BadInput, match="wrong"):
        eventually(answers(clock, "down", BadInput("wrong")), is_up, Patience(10, 1), clock)


def test_looks_keep_to_the_clock_however_long_each_takes() -> None:
    clock = FakeClock()
    _, seen = eventually(answers(clock, "down", takes=0.4), is_up, Patience(5, 1), clock)
    assert seen.count == 5
    clock = FakeClock()
    _, seen = eventually(answers(clock, "down", takes=1.4), is_up, Patience(6, 1), clock)
    assert seen.count == 3  # at 0, 2 and 4


def test_of_what_flaps_for_long_the_beginning_and_the_end_are_told() -> None:
    clock = FakeClock()
    _, seen = eventually(answers(clock, *range(500)), is_up, Patience(400, 1), clock)
    told = seen.told()
    assert len(told) == 100 and told[0]["value"] == 0 and told[-1]["value"] == 399
