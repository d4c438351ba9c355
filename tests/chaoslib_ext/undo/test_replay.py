"""Replay: last in first out, again and again if need be, and honest about what resists."""

import json
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from chaoslib_ext.clock import FakeClock
from chaoslib_ext.errors import UndoNotDurable
from chaoslib_ext.model import Undo
from chaoslib_ext.undo.log import UndoLog
from chaoslib_ext.undo.replay import PAUSES, Patience, replay


@pytest.fixture
def log(an_undo: Callable[..., Undo]) -> UndoLog:
    log = UndoLog.create("r")
    log.note_server("s")
    for id in (1, 2, 3):
        log.intend(an_undo(id))
    return log


def test_last_in_first_out_and_read_back(log: UndoLog, world: Any) -> None:
    results = replay(log, world.undoers)
    assert [one.id for one in results] == [3, 2, 1]
    assert all(one.status == "undone" and one.verified for one in results)
    assert not world.faults
    assert not log.read().open


def test_a_second_replay_finds_nothing(log: UndoLog, world: Any) -> None:
    replay(log, world.undoers)
    world.calls.clear()
    assert replay(log, world.undoers) == []
    assert not world.calls


def test_already_gone_is_success(log: UndoLog, world: Any) -> None:
    world.faults.clear()
    assert [one.status for one in replay(log, world.undoers)] == ["already gone"] * 3


def test_only_what_is_named(log: UndoLog, world: Any) -> None:
    assert [one.id for one in replay(log, world.undoers, only=[2])] == [2]
    assert [one.id for one in log.read().open] == [1, 3]


def test_what_resists_for_a_while_is_tried_again(log: UndoLog, world: Any) -> None:
    world.resist["fault-2"] = len(PAUSES)
    clock = FakeClock()
    assert all(one.status == "undone" for one in replay(log, world.undoers, clock=clock))
    assert clock.monotonic() == pytest.approx(sum(PAUSES))


def test_what_resists_for_good_is_said_with_the_command_and_stays_open_and_stops_no_other(
    log: UndoLog, world: Any
) -> None:
    world.resist["fault-2"] = 99
    results = {one.id: one for one in replay(log, world.undoers, clock=FakeClock())}
    assert results[2].status == "failed" and not results[2].verified
    assert results[2].by_hand == "forget fault-2 by hand"
    assert results[2].error and "does not answer" in results[2].error
    assert results[1].status == results[3].status == "undone"
    assert [one.id for one in log.read().open] == [2]


def test_a_server_that_hung_once_does_not_cost_every_undo_the_same_wait(log: UndoLog, world: Any) -> None:
    world.resist = {"fault-1": 99, "fault-2": 99, "fault-3": 99}
    replay(log, world.undoers, clock=FakeClock())
    assert world.calls == ["fault-3"] * (1 + len(PAUSES)) + ["fault-2", "fault-1"]


def test_a_server_that_hangs_delays_the_undo_on_no_other(an_undo: Callable[..., Undo], world: Any) -> None:
    log, hang = UndoLog.create("r"), threading.Event()
    for url in ("hung", "well"):
        log.note_server(url)
    log.intend(an_undo(1, args={"name": "fault-1", "server": "well"}))
    log.intend(an_undo(2, args={"name": "fault-2", "server": "hung"}))
    real = world.undo
    world.undo = lambda args: real(args) if args["server"] == "well" or hang.wait(60) else ""
    results = replay(log, world.undoers, patience=Patience(servers=0.5))
    assert [(one.id, one.status) for one in results] == [(2, "failed"), (1, "undone")]
    assert "not answered within 0.5 s" in str(results[0].error)
    assert [one.id for one in log.read().open] == [2]
    hang.set()
    while world.faults:
        time.sleep(0.01)
    assert [one.status for one in replay(log, world.undoers)] == ["already gone"]


def test_what_listens_to_results_stops_none(log: UndoLog, world: Any, caplog: pytest.LogCaptureFixture) -> None:
    def listen(intent: Any, result: Any) -> None:
        assert not world.faults, "told before all was undone"
        raise RuntimeError("can't start new thread")

    assert {one.status for one in replay(log, world.undoers, on_result=listen)} == {"undone"}
    assert "can't start new thread" in caplog.text


def test_an_undo_that_says_done_but_leaves_the_fault_is_a_failure(log: UndoLog, world: Any) -> None:
    world.hides = True
    results = replay(log, world.undoers, clock=FakeClock())
    assert all(one.status == "failed" and "still shows" in (one.error or "") for one in results)


def test_a_newer_undo_and_an_unknown_operation_are_left_alone(an_undo: Callable[..., Undo], world: Any) -> None:
    log = UndoLog.create("r")
    log.note_server("s")
    log.intend(an_undo(1, op="summon"))
    newer = an_undo(2).model_dump(mode="json") | {"schema_version": 9}
    with log.path.open("a") as file:
        file.write(json.dumps({"kind": "intent", "undo": newer}) + "\n")
    new, unknown = replay(log, world.undoers)
    assert new.status == unknown.status == "failed"
    assert "newer version" in (new.error or "") and "proxy.summon" in (unknown.error or "")
    assert not world.calls


def test_a_log_that_can_no_longer_be_written_stops_no_undo(
    log: UndoLog, world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise UndoNotDurable("no space")

    monkeypatch.setattr(UndoLog, "resolve", full)
    assert all(one.verified for one in replay(log, world.undoers))
    assert not world.faults


def test_each_result_is_told(log: UndoLog, world: Any) -> None:
    told: list[tuple[int, str]] = []
    replay(log, world.undoers, on_result=lambda intent, result: told.append((intent.id, result.status)))
    assert told == [(3, "undone"), (2, "undone"), (1, "undone")]


def test_a_server_that_the_run_never_spoke_to_is_left_alone(
    log: UndoLog, an_undo: Callable[..., Undo], world: Any
) -> None:
    """Somebody changed an address in the log, or a disk did."""
    log.intend(an_undo(4, args={"name": "fault-4", "server": "http://elsewhere:1"}))
    first, *others = replay(log, world.undoers)
    assert first.status == "failed" and "never" not in (first.by_hand or "")
    assert "nothing was sent there" in (first.error or "")
    assert "fault-4" not in world.calls and all(one.verified for one in others)


def test_again_undoes_also_what_was_undone_before(log: UndoLog, world: Any) -> None:
    replay(log, world.undoers)
    world.faults.add("fault-2")  # it landed behind its undo
    assert [one.status for one in replay(log, world.undoers, only=[2], again=True)] == ["undone"]
    assert not world.faults
