"""Nobody changes a record unseen: every way to tamper with one is named, with its line."""

import os
import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from chaoslib_ext.errors import RecordBroken
from chaoslib_ext.record import read
from chaoslib_ext.record.encode import dumps
from chaoslib_ext.record.events import FIRST, fingerprint
from chaoslib_ext.record.read import events, verify
from chaoslib_ext.record.rebuild import rebuild, seal
from chaoslib_ext.record.record import EVENTS, JOURNAL, SEAL, Record


@pytest.fixture
def sealed() -> Path:
    return finished()


def finished() -> Path:
    record = Record.create("x")
    for number in range(4):
        record.append("step", {"n": number})
    rebuild(record.folder)
    record.seal()
    return record.folder


def rewrite(folder: Path, change: Callable[[list[bytes]], None]) -> None:
    lines = (folder / EVENTS).read_bytes().splitlines(keepends=True)
    change(lines)
    (folder / EVENTS).write_bytes(b"".join(lines))


def forge(folder: Path, change: Callable[[list[dict]], None]) -> None:
    """Change events and make every hash fit again."""
    found = events(folder)
    change(found)
    head = FIRST
    for number, event in enumerate(found, start=1):
        event.update(seq=number, prev=head)
        if event["kind"] == "record.sealed":
            event["data"] = {"head": head, "count": number - 1}
        event["hash"] = head = fingerprint(event)
    (folder / EVENTS).write_text("".join(dumps(event) + "\n" for event in found))


def test_a_sealed_record_is_ok(sealed: Path) -> None:
    assert verify(sealed).state == "ok" and verify(sealed).events == 6


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (lambda lines: lines.__setitem__(2, lines[2].replace(b'"n":1', b'"n":7')), 3),
        (lambda lines: lines.pop(1), 2),
        (lambda lines: lines.insert(3, lines[2]), 4),
        (lambda lines: lines.reverse(), 1),
        (lambda lines: lines.__setitem__(3, b"not json\n"), 4),
        (lambda lines: lines.__setitem__(3, b"{}\n"), 4),
        (lambda lines: lines.__setitem__(2, lines[2].replace(b'{"schema', b'{"kind":"x","schema')), 3),
        (lambda lines: lines.__setitem__(2, lines[2].replace(b'","', b'", "', 1)), 3),
        (lambda lines: lines.__setitem__(2, lines[2].replace(b"\n", b"\r\n")), 3),
        (lambda lines: lines.__setitem__(2, lines[2].replace(b'"step"', b'"\\ud800"')), 3),
        (lambda lines: lines.__setitem__(2, lines[2].replace(b'"n":1', b'"n":NaN')), 3),
        (lambda lines: lines.__delitem__(slice(3, None)), 4),
        (lambda lines: lines.clear(), 1),
    ],
    ids=[
        "changed",
        "out",
        "in",
        "turned round",
        "no JSON",
        "no event",
        "a key twice",
        "blanks",
        "line end",
        "surrogate",
        "NaN",
        "cut",
        "emptied",
    ],
)
def test_tampering_is_seen_at_its_line(sealed: Path, change: Callable[[list[bytes]], None], line: int) -> None:
    rewrite(sealed, change)
    found = verify(sealed)
    assert (found.state, found.line) == ("broken", line), found.problem


def test_a_chain_rewritten_whole_does_not_fit_the_seal(sealed: Path) -> None:
    forge(sealed, lambda found: found[2]["data"].update(n=99))
    assert verify(sealed).state == "broken"
    assert "seal.json" in str(verify(sealed).problem)


def test_no_seal_is_open_not_ok() -> None:
    record = Record.create("x")
    record.append("step", {})
    assert verify(record.folder).state == "open"


def test_a_seal_without_its_anchor_is_open(sealed: Path) -> None:
    (sealed / SEAL).unlink()
    assert verify(sealed).state == "open"


@pytest.mark.parametrize("anchor", ["[]", "{}", "{", "[" * 100_000], ids=["a list", "empty", "half", "deep"])
def test_an_anchor_that_is_no_seal_is_broken(sealed: Path, anchor: str) -> None:
    (sealed / SEAL).write_text(anchor)
    assert verify(sealed).state == "broken"


@pytest.mark.parametrize("change", [lambda text: text.replace("interrupted", "completed"), lambda text: text[:-9]])
def test_a_journal_that_the_events_do_not_amount_to_is_broken(sealed: Path, change: Callable[[str], str]) -> None:
    (sealed / JOURNAL).write_text(change((sealed / JOURNAL).read_text()))
    assert verify(sealed).state == "broken" and "differs from the events" in str(verify(sealed).problem)


def test_a_journal_that_is_gone_is_broken(sealed: Path) -> None:
    (sealed / JOURNAL).unlink()
    assert verify(sealed).state == "broken" and "missing" in str(verify(sealed).problem)


def test_a_log_without_events_is_open_and_says_why() -> None:
    record = Record.create("x")
    (record.folder / EVENTS).write_bytes(b"")
    assert verify(record.folder).state == "open" and "no event yet" in str(verify(record.folder).problem)


def test_writing_after_the_seal_opens_the_record_until_it_is_sealed_anew(sealed: Path) -> None:
    record = Record.open(sealed)
    record.append("fault.undone", {}, actor="hand")
    assert verify(sealed).state == "open"
    rebuild(sealed)
    record.seal("hand")
    assert verify(sealed).state == "ok"


def test_a_torn_last_line_is_open_and_said(sealed: Path) -> None:
    with (sealed / EVENTS).open("ab") as file:
        file.write(b'{"half')
    found = verify(sealed)
    assert found.state == "open" and "torn (6 bytes)" in str(found.problem)
    assert len(events(sealed)) == 6


def test_events_of_a_newer_schema_are_refused_with_what_to_do(sealed: Path) -> None:
    rewrite(sealed, lambda lines: lines.__setitem__(1, lines[1].replace(b'"schema_version":1', b'"schema_version":9')))
    with pytest.raises(RecordBroken, match="pip install -U"):
        events(sealed)
    assert verify(sealed).state == "broken"


def test_a_folder_without_events_is_broken(tmp_path: Path) -> None:
    assert verify(tmp_path).state == "broken"


@pytest.mark.parametrize("onto", ["20990101T000000Z-x-ffff", "20990101T000000Z-x-{id}", "other"])
def test_a_record_copied_into_the_folder_of_another_run_is_broken(onto: str) -> None:
    folder = finished()
    copy = folder.parent / onto.format(id=folder.name.rsplit("-", 1)[-1])
    shutil.copytree(folder, copy)
    assert verify(folder).state == "ok"
    assert (verify(copy).state, folder.name in str(verify(copy).problem)) == ("broken", True)


def test_a_record_that_was_unpacked_elsewhere_is_as_good_as_before(tmp_path: Path) -> None:
    assert verify(Path(shutil.copytree(finished(), tmp_path / "artifact"))).state == "ok"


@pytest.mark.parametrize("name", ["events.jsonl", "seal.json", "journal.json"])
def test_a_part_of_another_record_makes_it_broken(name: str) -> None:
    folder, other = finished(), finished()
    shutil.copy(other / name, folder / name)
    assert verify(folder).state == "broken"


@pytest.mark.timeout(20)
@pytest.mark.parametrize("name", ["events.jsonl", "seal.json", "journal.json"])
def test_a_pipe_in_the_place_of_a_part_is_not_waited_for_and_makes_it_broken(name: str) -> None:
    folder = finished()
    (folder / name).unlink()
    os.mkfifo(folder / name)
    found = verify(folder)
    assert found.state == "broken" and "it is no file, but a folder, a pipe or a device" in str(found.problem)


def test_a_record_that_is_sealed_while_it_is_looked_at_does_not_look_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(Record.create("Why?")) as record:
        real = read._chain

        def slowly(folder: Path) -> Any:
            monkeypatch.setattr(read, "_chain", real)
            found = real(folder)
            seal(record)  # the events were read, the rest was not
            return found

        monkeypatch.setattr(read, "_chain", slowly)
        assert verify(record.folder).state == "open"
        assert verify(record.folder).state == "ok"
