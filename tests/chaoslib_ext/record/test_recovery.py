"""The last word on recovery counts."""

from chaoslib_ext.record.recovery import recovery_of


def test_none_where_the_run_never_came_to_ask() -> None:
    assert recovery_of([{"kind": "run.started", "data": {}}]) is None


def test_the_last_word_counts() -> None:
    found = [{"kind": "recovery.completed", "data": {"state": state}} for state in ("not back", "back")]
    assert recovery_of(found) == {"state": "back"}
