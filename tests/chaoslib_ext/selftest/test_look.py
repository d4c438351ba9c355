"""What is left in the files of a run is seen, each thing in a sentence."""

import json
from pathlib import Path
from typing import Any

import pytest

from chaoslib_ext.model import Undo, UndoResult
from chaoslib_ext.record.rebuild import rebuild
from chaoslib_ext.record.record import EVENTS, Record
from chaoslib_ext.selftest import look
from chaoslib_ext.undo.log import UndoLog


@pytest.fixture
def record() -> Record:
    made = Record.create("Why?")
    made.append("run.started", {"journal": {}})
    return made


def seal(record: Record) -> None:
    rebuild(record.folder)
    record.seal()


def test_nothing_at_all_is_clean(own_folders: Path) -> None:
    assert look.in_files(own_folders) == []


def test_a_record_that_is_sealed_is_clean_and_an_open_one_not(own_folders: Path, record: Record) -> None:
    (found,) = look.in_files(own_folders)
    assert f"record {record.folder.name} is open" in found
    assert look.in_files(own_folders, is_record_whole=False) == [], "its disk failed, so nobody could seal it"
    seal(record)
    assert look.in_files(own_folders) == []


def test_a_broken_one_is_never_clean(own_folders: Path, record: Record) -> None:
    seal(record)
    file = record.folder / EVENTS
    file.write_bytes(file.read_bytes().replace(b"run.started", b"run.stopped"))
    assert "is broken" in look.in_files(own_folders, is_record_whole=False)[0]


def test_an_undo_that_is_open_a_log_that_is_not_closed_and_one_that_is(own_folders: Path) -> None:
    log = UndoLog.create("abc123")
    assert look.in_files(own_folders) == [], "a run that never put anything in"
    url = "http://127.0.0.1:1"
    args = {"server": url, "proxy": "web", "toxic": "cx-abc123-noop"}
    log.note_server(url)
    told = {"driver": "proxy", "op": "remove_toxic", "fault": "noop", "says": "remove it", "by_hand": "curl"}
    log.intend(Undo(id=1, run="abc123", args=args, **told))
    assert look.in_files(own_folders) == ["undo log abc123.jsonl has still open: remove it"]
    log.resolve(UndoResult(id=1, says="remove it", status="undone", verified=True), by="hand", reason="hand")
    assert look.in_files(own_folders) == ["undo log abc123.jsonl is not closed"]
    with log.path.open("a") as file:
        file.write("nonsense\n")
    log.close()
    assert look.in_files(own_folders) == ["undo log abc123.jsonl has 1 damaged lines"]
    log.path.write_text(log.path.read_text().replace("nonsense\n", ""))
    assert look.in_files(own_folders) == []


@pytest.mark.parametrize(
    "name",
    ["journal/runs/x/.journal.json.a1b2", "state/undo/ab12.rollbacks.json", "state/undo/.ab12.rollbacks.json.c3"],
)
def test_what_was_half_written_or_waits_for_nobody_is_left(own_folders: Path, name: str) -> None:
    file = own_folders / name
    file.parent.mkdir(parents=True, mode=0o700)
    file.touch()
    assert look.in_files(own_folders) == [f"{name} was left"]


@pytest.mark.parametrize(
    ("content", "code", "says"),
    [
        (None, 1, "is not there"),
        ('{"half": ', 1, "not to be believed"),
        ({"status": "interrupted"}, 0, "exit code 0, and its journal says "),
        ({"status": "completed"}, 1, "exit code 1, and its journal says held"),
        ({"status": "completed"}, 0, ""),
        ({"status": "interrupted"}, 1, ""),
    ],
)
def test_the_hosts_journal_is_there_whole_and_says_what_the_exit_code_says(
    content: Any, code: int, says: str, tmp_path: Path
) -> None:
    file = tmp_path / "journal.json"
    assert look.in_journal(file, 1) == [], "it was ended before it began"
    (tmp_path / "journal/runs/x").mkdir(parents=True)
    (tmp_path / "journal/runs/x" / EVENTS).write_text('{"kind":"run.started"}\n')
    whole = {"experiment": {"title": "x"}, "run": [], "steady_states": {}}
    if content is not None:
        file.write_text(content if isinstance(content, str) else json.dumps({**whole, **content}))
    found = look.in_journal(file, code)
    assert says in found[0] if says else found == []
