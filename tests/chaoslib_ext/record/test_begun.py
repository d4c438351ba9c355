"""The order of runs is that in which they were begun, and a run that never began is known."""

from pathlib import Path

import pytest

from chaoslib_ext.clock import FakeClock
from chaoslib_ext.folders import journal_dir, state_dir
from chaoslib_ext.record import begun
from chaoslib_ext.record.begun import BEGUN, ask, never_begun, order
from chaoslib_ext.record.record import Record
from chaoslib_ext.record.shelf import find, ids


@pytest.fixture(autouse=True)
def nothing_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(begun, "_asked", [])


def test_last_is_the_run_begun_last_also_where_the_clock_was_set_back() -> None:
    clock = FakeClock()
    first = Record.create("x", "aa", clock=clock)
    clock.move(-3600)
    second = Record.create("x", "bb", clock=clock)
    assert ids() == ["bb", "aa"] and find("last") == second.folder
    assert order() == [first.folder.name, second.folder.name]


def test_records_whose_order_is_not_known_come_first_by_the_time_in_their_names() -> None:
    clock = FakeClock()
    for run in ("aa", "bb"):
        clock.move(60)
        Record.create("x", run, clock=clock)
    (journal_dir() / BEGUN).unlink()
    assert ids() == ["bb", "aa"], "as in a journal of an older version"
    clock.move(-3600)
    Record.create("x", "cc", clock=clock)
    assert ids() == ["cc", "bb", "aa"]


def test_a_run_that_was_asked_for_and_has_no_record_is_the_last_until_another_has_one() -> None:
    Record.create("x", "aa")
    assert never_begun() is None
    ask("x.yaml")
    assert never_begun() == "x.yaml"
    ask("y.yaml")
    assert never_begun() == "x.yaml", "of one process that is the same run"
    ask("y.yaml", anew=True)
    assert never_begun() == "y.yaml"
    Record.create("x", "bb")
    assert never_begun() is None and ids() == ["bb", "aa"]


def test_where_the_journal_cannot_be_written_the_state_folder_says_it(own_folders: Path) -> None:
    (own_folders / "journal").write_text("no folder")
    ask("x.yaml")
    assert never_begun() == "x.yaml" and (state_dir() / BEGUN).exists()
    (own_folders / "journal").unlink()
    Record.create("x", "aa")
    assert never_begun() is None


def test_a_source_is_told_in_one_line_and_without_what_may_be_a_secret() -> None:
    ask("https://me:secret@host/x.yaml?token=secret\nHELD  forged")
    assert never_begun() == "https://host/x.yaml"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\n",
        b"[]\n3\n{\n",
        b'{"schema_version":1,"asked":{},"record":[]}\n',
        b'{"schema_version":2,"asked":"a"}\n',
        b"[" * 100_000,
    ],
)
def test_what_a_stranger_wrote_there_hides_no_record(content: bytes) -> None:
    Record.create("x", "aa")
    (journal_dir() / BEGUN).write_bytes(content)
    assert ids() == ["aa"] and never_begun() is None
