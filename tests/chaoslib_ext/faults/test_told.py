"""What the record is told of an undo."""

from chaoslib_ext.faults.told import of_faults, undone
from chaoslib_ext.model import UndoResult
from chaoslib_ext.undo.lines import LOCK, Intent, LogState

A_FAULT = Intent({"id": 1, "fault": "latency"})
A_HOLD = Intent({"id": 2, "fault": LOCK})


def test_done_and_failed_are_two_kinds_and_both_say_who_and_why() -> None:
    done = UndoResult(id=1, says="x", status="already gone", verified=True)
    kind, data = undone(A_FAULT, done, by="watchdog", reason="deadline")
    assert (kind, data["by"], data["reason"], data["status"]) == (
        "fault.undone",
        "watchdog",
        "deadline",
        "already gone",
    )
    failed = UndoResult(id=1, says="x", status="failed", verified=False, by_hand="curl")
    assert undone(A_FAULT, failed, by="runner", reason="end")[0] == "fault.undo_failed"


def test_a_hold_given_back_is_no_fault_and_one_that_stays_is_as_bad_as_one() -> None:
    done = UndoResult(id=2, says="x", status="undone", verified=True)
    assert undone(A_HOLD, done, by="runner", reason="end")[0] == "lock.released"
    failed = UndoResult(id=2, says="x", status="failed", verified=False)
    assert undone(A_HOLD, failed, by="runner", reason="end")[0] == "fault.undo_failed"
    state = LogState(intents=[A_FAULT, A_HOLD])
    assert of_faults([done], state) == [] and of_faults([failed], state) == [failed]
