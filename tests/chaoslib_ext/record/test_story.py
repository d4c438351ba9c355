"""A record tells its story, also when nobody could finish it."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chaoslib_ext.clock import FakeClock
from chaoslib_ext.errors import RecordBroken
from chaoslib_ext.model import Verdict
from chaoslib_ext.record.rebuild import rebuild
from chaoslib_ext.record.record import Record
from chaoslib_ext.record.story import Story, read

EVIDENCE = {"run": "7f3a", "undo": 1, "fault": "latency", "target": {"proxy": "payment"}, "bit": True}
UNDONE = {"id": 1, "says": "remove it", "status": "undone", "verified": True, "by": "watchdog", "reason": "death"}
FINISHED = {"verdict": "held", "reasons": ["fine"], "status": "completed", "deviated": False, "duration": 3.0}


def story(*appended: tuple[str, dict[str, Any]], seal: bool = True) -> Story:
    clock = FakeClock()
    record = Record.create("Does it hold?", "7f3a", clock=clock)
    experiment = {"title": "Does it hold?", "steady-state-hypothesis": {"title": "All is well"}}
    begun = {"experiment": experiment, "start": clock.wall().isoformat()}
    record.append("run.started", {"who": "sre-1", "journal": begun})
    for kind, data in appended:
        clock.move(1)
        record.append(kind, data)
    if seal:
        rebuild(record.folder)
        record.seal()
    return read(record.folder)


def test_a_fault_knows_when_it_came_and_went() -> None:
    told = story(
        ("fault.applied", {"undo": 1}),
        ("fault.measured", EVIDENCE),
        ("fault.undone", UNDONE),
        ("run.finished", {**FINISHED, "end": "x"}),
    )
    (fault,) = told.faults
    assert fault.put_at < (fault.undone_at or "") and fault.undo == UNDONE
    assert (told.verdict, told.state, told.hypothesis) == (Verdict.HELD, "ok", "All is well")
    assert told.about["who"] == "sre-1"


def test_events_that_do_not_fit_together_are_told_not_stumbled_over() -> None:
    with pytest.raises(RecordBroken, match="where"):
        story(("activity.completed", {"n": 1, "run": {}}), seal=False)


def test_a_title_of_many_lines_is_one() -> None:
    told = story(("run.started", {"journal": {"experiment": {"title": "One\r\nTwo\x1b[1m"}}}))
    assert told.title == "One Two [1m"


def test_a_run_that_goes_on_has_no_verdict() -> None:
    told = story(("method.started", {}), seal=False)
    assert told.verdict is None and told.ended is None and told.reasons == ()


def test_a_run_that_died_was_interrupted() -> None:
    told = story(("fault.measured", EVIDENCE), ("run.died", {"pid": 1}), ("fault.undone", UNDONE))
    assert told.verdict is Verdict.INTERRUPTED and "killed or died" in told.reasons[0] and told.ended


def test_a_run_that_somebody_else_closed_was_interrupted() -> None:
    """`chaos undo` by hand seals the record of a run whose watchdog died with it."""
    told = story(("fault.measured", EVIDENCE), ("fault.undone", {**UNDONE, "by": "hand"}))
    assert told.verdict is Verdict.INTERRUPTED and told.state == "ok"


@pytest.mark.parametrize("result", [{**UNDONE, "status": "failed"}, {**UNDONE, "verified": False}])
def test_an_undo_that_failed_outranks_what_was_said_before(result: dict[str, Any]) -> None:
    told = story(("run.finished", {**FINISHED, "end": "x"}), ("fault.undo_failed", result))
    assert told.verdict is Verdict.UNDO_FAILED


def test_an_undo_that_failed_is_told_once() -> None:
    failed = {**UNDONE, "status": "failed", "verified": False, "error": "no answer", "by_hand": "curl x"}
    reasons = ["not undone: remove it: no answer; by hand: curl x"]
    told = story(("fault.undo_failed", failed), ("run.finished", {**FINISHED, "reasons": reasons, "end": "x"}))
    assert list(told.reasons) == reasons


def test_an_undo_that_worked_in_the_end_worked() -> None:
    failed = {**UNDONE, "status": "failed", "verified": False}
    told = story(("run.died", {}), ("fault.undo_failed", failed), ("fault.undone", UNDONE))
    assert told.verdict is Verdict.INTERRUPTED and len(told.undone) == 2


def test_it_says_whether_every_fault_was_measured() -> None:
    told = story(("fault.measured", EVIDENCE), ("fault.applied", {"undo": 2, "fault": "down"}))
    assert replace(told, faults=()).is_measured is None and replace(told, faults=told.faults[:1]).is_measured is True
    assert told.as_json()["measured"] is False and [one["measured"] for one in told.as_json()["faults"]] == [
        True,
        False,
    ]


def test_an_almost_empty_record_has_a_story_too(tmp_path: Path) -> None:
    record = Record.create("Does it hold?")
    told = read(record.folder)
    assert told.title == "Does it hold?" and told.phases == () and told.as_json()["verdict"] is None
