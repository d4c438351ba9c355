"""A record: its folder, its seal, its way of dealing with a disk that fails late."""

import os
from pathlib import Path

import pytest

from chaoslib_ext.clock import FakeClock
from chaoslib_ext.errors import BadInput, RecordBroken, RecordError, RecordNotWritable
from chaoslib_ext.record import events as events_module
from chaoslib_ext.record.read import events, verify
from chaoslib_ext.record.rebuild import rebuild
from chaoslib_ext.record.record import Record


def test_its_folder_says_when_what_and_which(own_folders: Path) -> None:
    record = Record.create("Does checkout survive 400 ms?", "7f3a", clock=FakeClock())
    assert record.folder == own_folders / "journal/runs/20261122T030000Z-does-checkout-survive-400-ms-7f3a"
    assert record.id == "7f3a" and record.folder.stat().st_mode & 0o777 == 0o700
    assert [event["kind"] for event in events(record.folder)] == ["record.opened"]


@pytest.mark.parametrize("title", ["", "???", "../../etc/passwd", "x" * 500, "日本"])
def test_any_title_makes_a_harmless_folder(own_folders: Path, title: str) -> None:
    folder = Record.create(title).folder
    assert folder.parent == own_folders / "journal/runs" and len(folder.name) < 100


def test_open_goes_on_where_it_stopped() -> None:
    first = Record.create("x")
    first.close()
    Record.open(first.folder).append("fault.undone", {}, actor="watchdog")
    assert [event["seq"] for event in events(first.folder)] == [1, 2]
    assert verify(first.folder).state == "open"


def test_there_must_be_a_record_to_open(tmp_path: Path) -> None:
    with pytest.raises(RecordBroken, match="no record"):
        Record.open(tmp_path)


def test_a_place_that_cannot_be_written_is_refused(own_folders: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (own_folders / "file").write_text("")
    monkeypatch.setenv("CHAOS_JOURNAL_DIR", str(own_folders / "file" / "journal"))
    with pytest.raises(BadInput, match="CHAOS_JOURNAL_DIR"):
        Record.create("x")


def test_a_lenient_record_loses_an_event_rather_than_an_undo(monkeypatch: pytest.MonkeyPatch) -> None:
    record = Record.create("x")

    def full(handle: int) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(events_module.os, "fsync", full)
    with pytest.raises(RecordNotWritable):
        record.append("a", {})
    record.is_lenient = True
    assert record.append("fault.undone", {"id": 1})["seq"] == 0
    assert len(record.lost) == 1
    assert record.seal() is None, "a record that lost an event may not look whole"


def test_secrets_are_hidden_in_every_event() -> None:
    record = Record.create("Is hunter2! safe?", secrets={"db": {"login": "hunter2!"}})
    record.append("activity.completed", {"run": {"output": "psql://me:hunter2!@db", "password": "other"}})
    assert "hunter2" not in (record.folder / "events.jsonl").read_text() + record.folder.name
    assert "other" not in (record.folder / "events.jsonl").read_text()


def test_what_comes_after_the_end_is_refused_and_the_seal_holds() -> None:
    record = Record.create("x")
    record.is_lenient = True
    record.finish({"verdict": "held"})
    with pytest.raises(RecordError, match="too late"):
        record.append("activity.completed", {})
    rebuild(record.folder)
    record.seal()
    with pytest.raises(RecordError, match="too late"):
        record.append("activity.completed", {})
    assert verify(record.folder).state == "ok" and not record.lost


def test_who_seals_removes_what_others_left_half_written_when_they_were_killed() -> None:
    record = Record.create("x")
    for name in (".journal.json.a1b2", ".seal.next.json.c3d4"):
        (record.folder / name).write_text("{")
    rebuild(record.folder)
    record.seal()
    assert sorted(path.name for path in record.folder.iterdir()) == ["events.jsonl", "journal.json", "seal.json"]
    assert verify(record.folder).state == "ok"


def test_a_title_is_one_line() -> None:
    opened = events(Record.create("One\nTwo\r\tThree\x1b[2J").folder)[0]
    assert opened["data"]["title"] == "One Two Three [2J"


def test_who_watches_hears_of_each_event_once_it_is_written() -> None:
    record = Record.create("x")
    heard: list[str] = []
    record.watch = lambda event: heard.append(event["kind"])
    record.append("a", {})
    record.seal()
    assert heard == ["a", "record.sealed"]
