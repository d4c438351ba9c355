"""What the record is told of an undo."""

from chaoslib_ext.faults.told import undone
from chaoslib_ext.model import UndoResult


def test_done_and_failed_are_two_kinds_and_both_say_who_and_why() -> None:
    done = UndoResult(id=1, says="x", status="already gone", verified=True)
    kind, data = undone(done, by="watchdog", reason="deadline")
    assert (kind, data["by"], data["reason"], data["status"]) == (
        "fault.undone",
        "watchdog",
        "deadline",
        "already gone",
    )
    failed = UndoResult(id=1, says="x", status="failed", verified=False, by_hand="curl")
    assert undone(failed, by="runner", reason="end")[0] == "fault.undo_failed"
