"""Which cases are chosen, from points that are made up."""

from collections import Counter

from chaoslib_ext.clock import chance
from chaoslib_ext.selftest import choose
from chaoslib_ext.selftest.endings import DISTURBANCES, ENDINGS
from chaoslib_ext.selftest.point import Point
from chaoslib_ext.selftest.scenarios import ALL, DOOR, GUEST, KILLED, NEXT, RUN, STOPPED


def point(nth: int, *chain: str, role: str = "runner", kind: str = "fsync") -> Point:
    return Point(role, kind, "a.py:f", nth, ("a.py:f", *chain))  # type: ignore[arg-type]


TRACED = {
    RUN: [point(1, "b.py:g"), point(2, "b.py:g"), point(3, "c.py:h")],
    KILLED: [point(1, "b.py:g"), point(1, "w.py:x", role="watchdog")],
}


def chosen(extent: choose.Extent, count: int = 0) -> Counter[str]:
    found = choose.chosen(TRACED, extent, "seed", count)
    return Counter(case.ending.name if case.ending else "kill" for case in found)


def test_usually_each_way_is_killed_before_and_after() -> None:
    found = list(choose.at_points(TRACED, "usual", chance("s")))
    killed = {(case.point, case.when) for case in found if case.ending == ENDINGS[0]}
    ways = (TRACED[RUN][0], TRACED[RUN][2], TRACED[KILLED][1])
    assert killed == {(one, when) for one in ways for when in ("before", "after")}


def test_in_full_every_point_is_and_what_two_runs_share_once() -> None:
    assert chosen("full")["SIGKILL"] == 2 * 4
    assert chosen("full")["SIGTERM"] == 3
    assert all(chosen("full")[one.name] == (0 if one.with_faults else 2) for one in DISTURBANCES)


def test_quickly_there_is_something_of_each() -> None:
    found = chosen("quick", 3)
    assert found["kill"] == 3 and found["SIGKILL"] and found["SIGHUP"] and found["server is restarted"]


def test_the_same_seed_chooses_the_same_and_each_case_once() -> None:
    first, again = (choose.chosen(TRACED, "usual", "x", 9) for _ in range(2))
    assert first == again
    assert len({case.id for case in first if case.kill}) == 9


def test_kills_meet_runs_with_and_without_the_control_and_with_guests() -> None:
    assert {case.scenario for case in choose.kills("x", 8)} == {RUN, DOOR, GUEST}


def test_behind_a_signal_the_same_way_counts_anew() -> None:
    handler = point(1, kind="handler")
    traced = {RUN: [point(1, "b.py:g")], STOPPED: [handler, point(1, "b.py:g")]}
    found = list(choose.at_points(traced, "full", chance("s")))
    assert len({(case.scenario, case.point) for case in found if case.ending == ENDINGS[0]}) == 3


def test_of_a_run_after_a_dead_one_only_what_is_new_counts() -> None:
    traced = {NEXT: [point(1, "b.py:g"), point(2, "faults/aftermath.py:finish")]}
    found = list(choose.at_points(traced, "full", chance("s")))
    assert {case.point for case in found} == {traced[NEXT][1]}


def test_the_quick_course_traces_less() -> None:
    assert len(choose.traces("quick")) < len(choose.traces("full")) == len(ALL)


def test_a_watchdog_is_stopped_where_faults_are_on() -> None:
    confirm = "faults/toxic.py:Toxic.confirm"
    points = [Point("runner", "fsync", site, 1, (site,), seconds) for seconds, site in enumerate("ab")]
    on = [Point("runner", "http", confirm, 1, (confirm,), 2.0), Point("runner", "fsync", "c", 1, ("c",), 3.0)]
    last = [Point("runner", "http", confirm, 2, (confirm, "d"), 4.0), Point("runner", "fsync", "e", 1, ("e",), 5.0)]
    found = choose.chosen({RUN: [*points, *on, *last]}, "full", "seed", 0)
    stopped = {case.point for case in found if case.ending and case.ending.name == "watchdog is stopped"}
    assert stopped == {on[1], last[0]}
