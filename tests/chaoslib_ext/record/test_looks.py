"""A run whose probes were all asked before its fault, or behind its end, has not been asked about the fault."""

from typing import Any

import pytest

from chaoslib_ext.record.looks import never_asked

FAULT = ("fault.applied", {"undo": 2, "fault": "latency", "target": {"proxy": "cache-a"}})


def undone(reason: str) -> tuple[str, dict[str, Any]]:
    return "fault.undone", {"id": 2, "reason": reason}


def look(n: int, where: str, **activity: Any) -> list[tuple[str, dict[str, Any]]]:
    asked = {"type": "probe", "name": "quick", **activity}
    return [
        ("activity.started", {"n": n, "where": where, "activity": asked}),
        ("activity.completed", {"n": n, "where": where, "run": {}}),
    ]


GUARD = ("guard.sampled", {"guard": "g", "good": True})
OVER = undone("end")


def said(*told: Any, seconds: list[int] | None = None) -> str | None:
    flat = [event for one in told for event in (one if isinstance(one, list) else [one])]
    times = seconds or list(range(len(flat)))
    return never_asked(
        [
            {"seq": seq, "kind": kind, "data": data, "time": f"2026-11-22T03:10:{at:02}+00:00"}
            for seq, ((kind, data), at) in enumerate(zip(flat, times, strict=True), start=1)
        ]
    )


@pytest.mark.parametrize(
    "told",
    [
        [look(1, "before"), FAULT, OVER],
        [look(1, "during"), FAULT, OVER],
        [look(1, "before"), FAULT, look(2, "method"), OVER],
        [look(1, "before"), FAULT, OVER, look(2, "after")],
        [look(1, "before"), FAULT, undone("deadline")],
        [look(1, "before"), FAULT, look(2, "rollbacks", tolerance=1), OVER],
        [look(1, "before"), FAULT, look(2, "method", type="action", tolerance=1), OVER],
        [GUARD, GUARD, FAULT, OVER],
    ],
)
def test_a_fault_under_which_nothing_was_asked_is_named(told: list[Any]) -> None:
    assert str(said(*told)).startswith("no probe was asked while latency was on cache-a; ask after the fault: ")


@pytest.mark.parametrize(
    "told",
    [
        [],
        [FAULT, OVER],
        [look(1, "before")],
        [look(1, "before"), FAULT, look(2, "during"), OVER],
        [look(1, "before"), FAULT, look(2, "after"), OVER],
        [FAULT, look(2, "after")],
        [look(1, "before"), FAULT, look(2, "method", tolerance=200), OVER],
        [GUARD, FAULT, GUARD, GUARD, OVER],
    ],
)
def test_one_look_in_the_time_of_one_fault_is_enough(told: list[Any]) -> None:
    assert said(*told) is None


@pytest.mark.parametrize("reason", ["deadline", "hand"])
def test_behind_a_fault_that_ended_by_itself_or_by_an_action_it_is_asked_whether_all_comes_back(reason: str) -> None:
    assert said(look(1, "before"), FAULT, undone(reason), look(2, "after")) is None


@pytest.mark.parametrize(("ends", "is_asked"), [(9, True), (3, False)])
def test_a_look_that_began_before_the_fault_counts_if_most_of_it_was_under_it(ends: int, is_asked: bool) -> None:
    began, ended = look(1, "method", tolerance=1)
    assert (said(began, FAULT, ended, OVER, seconds=[0, 2, ends, 10]) is None) is is_asked
