"""The freeze file: who, when, why; a doubt means closed."""

import json
import os
from datetime import timedelta
from pathlib import Path

import pytest

from chaoslib_ext.clock import SYSTEM, FakeClock
from chaoslib_ext.errors import BadFile
from chaoslib_ext.safety import freeze


@pytest.fixture
def file(own_folders: Path) -> Path:
    (own_folders / "state").mkdir()
    return own_folders / "state" / "freeze.json"


def test_without_one_faults_may_go_in(file: Path) -> None:
    assert freeze.read() is None and freeze.refusal() is None


def test_it_says_who_when_why_and_what_to_type(file: Path) -> None:
    put, before = freeze.put("checkout is down", "ann@desk")
    assert before is None
    assert freeze.read() == put
    said = freeze.refusal()
    assert said and "by ann@desk: checkout is down" in said and "chaos thaw" in said
    assert put.since.tzinfo is not None
    assert file.stat().st_mode & 0o777 == 0o600
    assert json.loads(file.read_text())["schema_version"] == freeze.SCHEMA
    assert [left.name for left in file.parent.iterdir()] == ["freeze.json"]


def test_it_is_over_at_its_end(file: Path) -> None:
    clock = FakeClock()
    freeze.put("a sale", "ann@desk", clock.wall() + timedelta(minutes=10), clock)
    clock.move(599)
    assert "until" in str(freeze.refusal(clock))
    clock.move(1)
    assert freeze.refusal(clock) is None
    assert freeze.lift(clock) == (None, False)


@pytest.mark.parametrize(
    ("first", "second", "left"), [(None, 10, None), (10, None, None), (10, 20, 20), (20, 10, 20)], ids=str
)
def test_a_second_one_never_shortens_the_first(
    file: Path, first: int | None, second: int | None, left: int | None
) -> None:
    clock = FakeClock()
    ends = [clock.wall() + timedelta(minutes=end) if end else None for end in (first, second, left)]
    freeze.put("one", "ann@desk", ends[0], clock)
    put, before = freeze.put("two", "bob@desk", ends[1], clock)
    assert put.until == ends[2] and put.by == "bob@desk"
    assert before and "ann@desk" in before and before.endswith(": one")


BROKEN = {
    "empty": "",
    "half": '{"schema_version": 1, "since": ',
    "a list": "[]",
    "no zone": '{"schema_version": 1, "since": "2026-11-24T10:00:00", "by": "a", "why": "b"}',
    "a word too many": '{"schema_version": 1, "since": "2026-11-24T10:00:00Z", "by": "a", "why": "b", "scope": "x"}',
}


@pytest.mark.parametrize("text", BROKEN.values(), ids=list(BROKEN))
def test_what_cannot_be_read_is_closed_and_can_be_replaced_and_thawed(file: Path, text: str) -> None:
    file.write_text(text)
    said = freeze.refusal()
    assert said and "counts as frozen" in said and str(file) in said and "chaos thaw" in said
    put, before = freeze.put("again", "ann@desk", SYSTEM.wall() + timedelta(hours=1))
    assert put.until is None and before == said, "it must not get shorter than what could not be read"
    file.write_text(text)
    assert freeze.lift() == (None, True)
    assert freeze.refusal() is None


def test_a_newer_version_is_closed_and_says_so(file: Path) -> None:
    file.write_text('{"schema_version": 2, "holders": []}')
    assert "it is of version 2, written by a newer chaostoolkit-ext; this one knows 1" in str(freeze.refusal())


@pytest.mark.parametrize("kind", ["a folder", "a link to nothing", "a pipe"])
def test_what_is_no_file_is_closed(file: Path, kind: str) -> None:
    if kind == "a pipe":
        os.mkfifo(file)
    else:
        file.mkdir() if kind == "a folder" else file.symlink_to("nowhere")
    assert "counts as frozen" in str(freeze.refusal())


def test_lifting_one_that_is_not_there_is_no_error(file: Path) -> None:
    assert freeze.lift() == (None, False)


def test_one_that_cannot_be_written_is_told(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that fails is the one thing that cannot be provoked."""

    def fail(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(BadFile, match=r"No space left on device.*nothing is frozen"):
        freeze.put("x", "ann@desk")
    monkeypatch.undo()
    assert not file.exists()


def test_one_that_cannot_be_removed_stays_and_is_told(file: Path) -> None:
    file.mkdir()
    with pytest.raises(BadFile, match=r"cannot be removed.*stays frozen"):
        freeze.lift()
