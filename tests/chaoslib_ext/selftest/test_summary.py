"""Rows, times and what was left, from outcomes that are made up."""

from chaoslib_ext.selftest import endings
from chaoslib_ext.selftest.case import Case, Kill, Outcome
from chaoslib_ext.selftest.point import Point
from chaoslib_ext.selftest.scenarios import RUN
from chaoslib_ext.selftest.summary import Summary, Times

FSYNC = Point("runner", "fsync", "undo/log.py:f", 1)
OTHER = Point("watchdog", "http", "proxy/undo.py:f", 1)


def outcome(point: Point, ending: str, seconds: float | None = 0.1, *left: str, when: str = "before") -> Outcome:
    return Outcome(Case(RUN, point, when, endings.named(ending)), left, seconds)  # type: ignore[arg-type]


def test_times_are_times_that_were_seen() -> None:
    ran = [outcome(FSYNC, "SIGKILL", number / 100) for number in range(1, 101)]
    assert Times.of(ran) == Times(0.5, 0.99, 1.0)
    assert Times.of(ran[:1]) == Times(0.01, 0.01, 0.01)
    assert Times.of([outcome(FSYNC, "SIGKILL", None)]) == Times(None, None, None)


def test_a_row_a_room_and_kind_a_column_an_ending() -> None:
    found = Summary((
        outcome(FSYNC, "SIGKILL"), outcome(FSYNC, "SIGKILL", 0.4, "toxic cx-1 is still on web", when="after"),
        outcome(FSYNC, "SIGHUP"), outcome(OTHER, "SIGKILL"),
    ))  # fmt: skip
    first, second = found.endings()
    assert (first.where, first.points) == ("runner: undo, fsync", 1)
    assert first.cells == {"SIGKILL": (1, 2), "SIGHUP": (1, 1)} and first.times.most == 0.4
    assert second.where == "watchdog: proxy, request"
    assert not found.is_clean and len(found.failures) == 1 and found.points == 2


def test_disturbances_kills_and_traces_have_rows_of_their_own() -> None:
    kill = Kill("s", "both", 0.5)
    found = Summary((outcome(FSYNC, "server hangs"), Outcome(Case(RUN, kill=kill), (), 0.2), Outcome(Case(RUN))))
    rows = {row.where: row.cells["runs"] for row in found.others()}
    assert rows == {
        "server hangs": (1, 1),
        "killed at random: run and watchdog": (1, 1),
        "nothing (to find the points)": (1, 1),
    }
    assert found.endings() == []


def test_the_time_to_clean_is_that_of_our_own_not_of_the_next_command_or_a_lease() -> None:
    by_command = Outcome(Case(RUN, FSYNC, "before", endings.BOTH), (), 9.0, by_command=True)
    found = Summary((outcome(FSYNC, "SIGKILL", 0.3), by_command, outcome(FSYNC, "run hangs", 2.0)))
    assert found.times == Times(0.3, 0.3, 0.3)
    assert found.as_json()["max_s"] == 0.3


def test_who_did_not_come_by_the_point_is_counted() -> None:
    assert len(Summary((outcome(FSYNC, "SIGKILL", None), outcome(FSYNC, "SIGKILL"))).missed) == 1
