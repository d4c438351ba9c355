"""Records that are broken or open are named."""

from pathlib import Path

import pytest

from chaoslib_ext.doctor.records import check
from chaoslib_ext.record.rebuild import rebuild
from chaoslib_ext.record.record import Record


def made(*, sealed: bool = True) -> Path:
    record = Record.create("Does it?")
    if sealed:
        rebuild(record.folder)
        record.seal()
    record.close()
    return record.folder


@pytest.mark.joins("doctor", "record")
def test_whole_open_and_broken() -> None:
    made()
    assert [one.state for one in check()] == ["ok"]
    made(sealed=False)
    events = made() / "events.jsonl"
    events.write_text(events.read_text().replace("Does it?", "Did it?"))
    assert sorted(one.state for one in check()) == ["note", "wrong"]


def test_a_journal_that_is_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("CHAOS_JOURNAL_DIR", str(tmp_path / "file"))
    assert [one.state for one in check()] == ["wrong"]
