"""The journal made from events depends on what happened alone, so that it can be held against them later."""

import json

from chaoslib_ext.clock import FakeClock
from chaoslib_ext.record.journal import died_unfinished, journal_of, journal_text
from chaoslib_ext.record.read import events, verify
from chaoslib_ext.record.rebuild import rebuild
from chaoslib_ext.record.record import EVENTS, Record


def died(clock: FakeClock) -> Record:
    record = Record.create("x", clock=clock)
    record.append("activity.started", {"n": 1, "where": "method", "activity": {"name": "nap"}})
    clock.move(1)
    return record


def test_sealing_later_or_mending_the_log_makes_no_difference() -> None:
    clock = FakeClock()
    record = died(clock)
    before = journal_of(events(record.folder))
    record.close()
    with (record.folder / EVENTS).open("ab") as file:
        file.write(b'{"half')
    clock.move(60)
    Record.open(record.folder, clock=clock).seal()
    found = events(record.folder)
    assert [event["kind"] for event in found[-2:]] == ["record.repaired", "record.sealed"]
    assert journal_of(found) == before and died_unfinished(found)


def test_a_journal_rebuilt_before_or_after_the_seal_fits() -> None:
    for rebuild_first in (True, False):
        record = died(FakeClock())
        if rebuild_first:
            rebuild(record.folder)
        record.seal()
        if not rebuild_first:
            rebuild(record.folder)
        assert verify(record.folder).state == "ok"


def test_its_text_is_json_that_ends_like_a_file() -> None:
    text = journal_text(journal_of([]))
    assert json.loads(text)["status"] == "interrupted" and text.endswith("}\n")
