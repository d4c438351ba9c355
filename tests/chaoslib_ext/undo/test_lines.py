"""Reading an undo log back, whatever a crash left of it."""

import json

import pytest

from chaoslib_ext.errors import UndoTooNew
from chaoslib_ext.undo.lines import SCHEMA, Intent, parsed

HEAD = {"schema_version": 1, "kind": "run", "run": "r", "pid": 1, "create_time": 2.0, "boot_id": "b"}


def lines(*facts: object) -> bytes:
    return b"".join(json.dumps(fact).encode() + b"\n" for fact in facts)


def intent(id: int, **more: object) -> dict[str, object]:
    undo = {"id": id, "schema_version": 1, "driver": "proxy", "op": "remove_toxic", "args": {"proxy": "web"}, **more}
    return {"kind": "intent", "undo": undo}


def undone(id: int) -> dict[str, object]:
    return {"kind": "undone", "result": {"id": id}}


def test_what_has_no_result_is_open() -> None:
    state = parsed(lines(HEAD, intent(1), intent(2), intent(3), undone(2)))
    assert [one.id for one in state.open] == [1, 3]
    assert state.next_id == 4
    assert not state.closed
    assert state.header and state.header.run == "r"


def test_a_torn_last_line_was_never_acknowledged() -> None:
    state = parsed(lines(HEAD, intent(1)) + lines(intent(2))[:-5])
    assert [one.id for one in state.open] == [1]


def test_a_damaged_line_does_not_hide_the_others() -> None:
    state = parsed(lines(HEAD, intent(1)) + b"\x00\x00garbage\n[]\n" + lines(intent(2)))
    assert [one.id for one in state.open] == [1, 2]
    assert state.damaged == 2


def test_a_log_of_a_newer_schema_is_refused_with_the_command_to_type() -> None:
    with pytest.raises(UndoTooNew, match="chaos undo --run r"):
        parsed(lines({**HEAD, "schema_version": SCHEMA + 1}))


def test_an_intent_of_a_newer_schema_is_known_for_what_it_is() -> None:
    assert Intent({"id": 1, "schema_version": SCHEMA + 1}).is_too_new
    assert not Intent({"id": 1, "schema_version": SCHEMA}).is_too_new
    assert not Intent({"id": 1, "schema_version": 1}).is_too_new


@pytest.mark.parametrize(("boot", "left"), [("now", 3.0), ("earlier", 0.0)])
def test_a_deadline_counts_on_the_boot_clock_and_has_passed_after_a_reboot(boot: str, left: float) -> None:
    one = Intent({"id": 1, "deadline": {"boot_id": boot, "boot_seconds": 10.0}})
    assert one.seconds_left("now", 7.0) == left
    assert Intent({"id": 1}).seconds_left("now", 7.0) is None


@pytest.mark.parametrize(
    "wrong",
    [
        b'{"kind":"intent"}',
        b'{"kind":"run"}',
        b'{"kind":"undone"}',
        b'{"kind":"undone","result":{"id":"x"}}',
        b'{"kind":"intent","undo":{"id":"x"}}',
        b'{"kind":"intent","undo":{"id":2,"driver":"proxy","op":"remove_toxic","args":7}}',
        b'{"kind":"intent","undo":{"id":2,"driver":"proxy","op":"x","args":{"a":1},"deadline":{"boot_id":"b"}}}',
        b'{"kind":"intent","undo":{"id":2,"driver":"proxy","op":"x","args":{"server":["a"]}}}',
        b'{"kind":"intent","undo":{"id":2,"driver":"proxy","op":"x","args":{"a":1},"deadline":{"boot_id":"b","boot_seconds":1}}}',
        b'{"kind":"intent","undo":{"id":2,"driver":"proxy","op":"x","args":{"a":1},"deadline":{"boot_id":"b","boot_seconds":1,"wall":5}}}',
        b'{"kind":"intent","undo":{"id":2,"driver":"proxy","op":"x","args":{"a":1},"deadline":{"boot_id":"b","boot_seconds":1%s}}}'
        % (b"0" * 400),
        b'{"kind":"run","run":["r"],"pid":1,"create_time":2.0,"boot_id":"b"}',
        b'{"kind":"run","run":"r","record":5,"pid":1,"create_time":2.0,"boot_id":"b"}',
        b'{"kind":"run","run":"r","pid":1,"create_time":1%s,"boot_id":"b"}' % (b"0" * 400),
        b"[" * 100_000,
        b"3",
    ],
)
def test_a_line_that_means_nothing_is_counted_and_hides_nothing(wrong: bytes) -> None:
    state = parsed(lines(HEAD, intent(1)) + wrong + b"\n" + lines(intent(3)))
    assert state.damaged == 1
    assert [one.id for one in state.open] == [1, 3]


def test_what_was_known_is_not_forgotten_with_the_file() -> None:
    known = parsed(lines(HEAD, intent(1), intent(2), undone(1)))
    state = parsed(lines(HEAD)).with_what_is_known(known)
    assert [one.id for one in state.open] == [2]
    assert state.next_id == 3


def test_a_log_of_before_says_neither_who_nor_when_and_is_read_all_the_same() -> None:
    head = {"kind": "run", "run": "r", "pid": 1, "create_time": 1.0, "boot_id": "b", "schema_version": 1}
    undo = {"id": 1, "driver": "proxy", "op": "remove_toxic", "args": {"proxy": "web"}}
    old = "".join(json.dumps(line) + "\n" for line in (head, {"kind": "intent", "undo": undo}))
    state = parsed(old.encode())
    assert state.header and state.header.by == "" and state.intents[0].written == ""
    new = "".join(
        json.dumps(line) + "\n" for line in ({**head, "by": "ann@desk"}, {"kind": "intent", "time": "t", "undo": undo})
    )
    state = parsed(new.encode())
    assert state.header and state.header.by == "ann@desk" and state.intents[0].written == "t"
