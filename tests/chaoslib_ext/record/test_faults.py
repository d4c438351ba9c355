"""A fault counts from the moment it was applied, measured or not."""

from typing import Any

from chaoslib_ext.record.faults import faults_of

TARGET = {"server": "http://127.0.0.1:8474", "proxy": "web", "listen": "127.0.0.1:1", "upstream": "127.0.0.1:2"}
APPLIED = {"undo": 1, "fault": "latency", "target": TARGET}


def events(*appended: tuple[str, dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"seq": n, "time": f"t{n}", "kind": kind, "data": data} for n, (kind, data) in enumerate(appended, 1)]


def test_a_run_that_died_before_it_measured_had_a_fault_all_the_same() -> None:
    toxic = {"name": "cx-7f3a-latency", "attributes": {"latency": 400}}
    found = events(("fault.applied", APPLIED), ("fault.confirmed", {"undo": 1, "toxic": toxic}), ("run.died", {}))
    (fault,) = faults_of(found)
    assert (fault.put_at, fault.undo, fault.is_measured) == ("t1", None, False)
    assert fault.evidence["target"] == TARGET and fault.evidence["toxic"] == toxic and fault.evidence["confirmed"]
    assert fault.as_json()["measured"] is False


def test_what_was_measured_replaces_what_was_only_applied() -> None:
    found = events(
        ("fault.applied", APPLIED),
        ("fault.applied", {**APPLIED, "undo": 2}),
        ("fault.measured", {**APPLIED, "bit": True}),
        ("fault.undone", {"id": 1, "verified": True}),
    )
    first, second = faults_of(found)
    assert (first.put_at, first.undone_at, first.is_measured) == ("t1", "t4", True)
    assert (second.put_at, second.undone_at, second.is_measured) == ("t2", None, False)


def test_a_record_of_before_this_was_told_is_read_too() -> None:
    (fault,) = faults_of(events(("fault.applied", {"undo": 1, "fault": "latency", "says": "remove it"})))
    assert fault.evidence["target"]["proxy"] == "?"
