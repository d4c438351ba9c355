"""The id of a case is enough to do it again, and says what is expected of it."""

import pytest

from chaoslib_ext.errors import BadInput
from chaoslib_ext.selftest import endings
from chaoslib_ext.selftest.case import Case, Kill, Outcome, case_of
from chaoslib_ext.selftest.point import Point
from chaoslib_ext.selftest.scenarios import ALL, DOOR, GUEST_KILLED, HUNG, KILLED, RUN

POINT = Point("runner", "fsync", "undo/log.py:f", 3)


@pytest.mark.parametrize("name", endings.names())
def test_at_a_point(name: str) -> None:
    case = Case(RUN, POINT, "after", endings.named(name))
    assert case.id == f"run: runner fsync undo/log.py:f #3 after: {name}"
    assert case_of(case.id) == case


@pytest.mark.parametrize("case", [*(Case(one) for one in ALL), Case(DOOR, kill=Kill.of("s-7"))], ids=lambda one: one.id)
def test_a_trace_and_a_random_kill(case: Case) -> None:
    assert case_of(case.id) == case


def test_the_same_seed_gives_the_same_kill_and_another_another() -> None:
    assert Kill.of("a-1") == Kill.of("a-1")
    assert len({Kill.of(f"a-{number}").share for number in range(20)}) == 20
    assert {Kill.of(f"a-{number}").who for number in range(100)} == {"run", "group", "watchdog", "both"}


@pytest.mark.parametrize(
    "id", ["nonsense", "walk: trace", "run: runner fsync x.py:f #3 after: a bang", "run: x: SIGKILL"]
)
def test_what_is_none_is_refused(id: str) -> None:
    with pytest.raises(BadInput):
        case_of(id)


def test_what_is_left_to_the_next_command_is_what_nobody_else_could_do() -> None:
    watchdog = Point("watchdog", "fsync", "undo/log.py:f", 1)
    assert not Case(RUN, POINT, "before", endings.KILL).leaves_to_command
    assert Case(RUN, POINT, "before", endings.BOTH).leaves_to_command
    assert Case(KILLED, watchdog, "before", endings.KILL).leaves_to_command
    assert not Case(RUN, watchdog, "before", endings.KILL).leaves_to_command, "the run itself is still there"
    player = Point("player", "rename", "durable.py:replaced", 1)
    assert Case(GUEST_KILLED, player, "before", endings.KILL).leaves_to_command
    left = {
        who for who in ("run", "group", "watchdog", "both") if Case(RUN, kill=Kill("s", who, 0.5)).leaves_to_command
    }
    assert left == {"both"}
    assert not Case(RUN).leaves_to_command


def test_the_time_counts_from_a_blow_that_ends_the_run() -> None:
    assert Case(RUN, POINT, "before", endings.named("SIGTERM")).ends_run
    assert not Case(RUN, POINT, "before", endings.named("server hangs")).ends_run


def test_a_run_that_hangs_keeps_its_faults_for_its_lease_whatever_else_is_done_to_it() -> None:
    assert Case(RUN, POINT, "before", endings.named("run hangs")).hangs
    assert Case(HUNG).hangs and Case(HUNG, POINT, "before", endings.KILL).hangs
    assert not Case(RUN, POINT, "before", endings.KILL).hangs


def test_the_command_to_repeat_stands_in_the_json() -> None:
    case = Case(RUN, POINT, "before", endings.KILL)
    told = Outcome(case, ("toxic cx-1 is still on web",), 0.3, options=" --engine go").as_json()
    assert told["repeat"] == "chaos selftest --engine go --case 'run: runner fsync undo/log.py:f #3 before: SIGKILL'"
    assert told["reached"] and told["left"] == ["toxic cx-1 is still on web"]
