import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from chaoslib_ext.errors import BadInput, NoAnswer, ProbeError
from chaoslib_ext.faults.run import begin, end_current
from probes import files


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Four entries, ten minutes apart, the last one now; the third has a traceback below it."""
    now = datetime.now(UTC)
    at = [(now - timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ") for minutes in (30, 20, 10, 0)]
    file = tmp_path / "shop.log"
    file.write_text(
        f"{at[0]} ERROR payment: timeout\n{at[1]} INFO order 1 paid\n"
        f"{at[2]} ERROR orders: broken\nTraceback (most recent call last):\n  ERROR inside\n{at[3]} INFO order 2 paid\n"
    )
    return file


def test_what_the_file_system_says(log: Path, tmp_path: Path) -> None:
    assert files.exists(str(log)) and files.exists(str(tmp_path))
    assert not files.exists(str(tmp_path / "none")) and not files.exists(str(log / "below-a-file"))
    assert files.size_bytes(str(log)) == len(log.read_bytes())
    os.utime(log, (log.stat().st_atime, log.stat().st_mtime - 3600))
    assert 3600 <= files.age_s(str(log)) < 7200


def test_nothing_can_be_measured_of_what_is_not_there(tmp_path: Path) -> None:
    gone = str(tmp_path / "none.log")
    for ask in (files.size_bytes, files.age_s):
        with pytest.raises(ProbeError, match=r"none\.log is not there; is the path right"):
            ask(gone)
    for path, why in ((gone, "not there"), (str(tmp_path), "no file")):
        with pytest.raises(ProbeError, match=why):
            files.line_count(path, "x")


def test_lines_of_all_of_it_and_of_its_end(log: Path) -> None:
    path = str(log)
    assert files.line_count(path) == 6
    assert files.line_count(path, "ERROR") == 3
    assert files.line_count(path, "ERROR", last_lines=3) == 1
    assert files.line_count(path, r"order \d+ paid$", last_lines=1) == 1
    assert files.contains(path, "Traceback") is True
    assert files.contains(path, "Traceback", last_lines=2) is False


def test_lines_since_a_moment(log: Path) -> None:
    path = str(log)
    assert files.line_count(path, "ERROR", since="25m") == 2  # what has no time belongs to the line above it
    assert files.line_count(path, since="25m") == 5
    assert files.line_count(path, "ERROR", since="5m") == 0
    assert files.contains(path, "paid", since="5m") is True
    moment = (datetime.now(UTC) - timedelta(minutes=15)).isoformat()
    assert files.line_count(path, "ERROR", since=moment) == 2
    assert files.line_count(path, "ERROR", since="2h") == 3


@pytest.mark.joins("probes", "faults")
def test_lines_since_the_run_began(log: Path) -> None:
    with pytest.raises(ProbeError, match="none of ours is on; add our control"):
        files.line_count(str(log), since="run")
    begin(title="a run")
    try:
        with log.open("a") as more:
            later = (datetime.now(UTC) + timedelta(seconds=2)).strftime("%Y-%m-%dT%H:%M:%SZ")
            more.write(f"{later} ERROR in the run\n")
        assert files.line_count(str(log), "ERROR", since="run") == 1
    finally:
        end_current()


def test_a_log_that_never_says_when_is_not_counted_as_nothing(tmp_path: Path) -> None:
    log = tmp_path / "plain.log"
    log.write_text("ERROR here\nERROR there\n")
    with pytest.raises(ProbeError, match="none of its lines says when it was written"):
        files.line_count(str(log), "ERROR", since="5m")
    log.write_text("")
    assert files.line_count(str(log), "ERROR", since="5m") == 0


def test_of_a_huge_file_only_the_end_is_read(tmp_path: Path) -> None:
    """A hole of 4 TB with a line behind it: to read it whole would take hours."""
    log = tmp_path / "huge.log"
    with log.open("wb") as file:
        file.truncate(4 * 1024**4)
        file.seek(0, os.SEEK_END)
        file.write(b"\n2026-11-22T03:00:00Z old\n")
        file.write(f"{datetime.now(UTC).isoformat()} ERROR now\n".encode())
    assert files.line_count(str(log), "ERROR", since="5m") == 1
    assert files.line_count(str(log), "ERROR", last_lines=2) == 1
    with pytest.raises(NoAnswer, match=r"not counted in 0\.5 s; ask for less of it with since or last_lines"):
        files.line_count(str(log), "ERROR", timeout="500ms")


def test_a_pattern_that_never_ends_is_bounded(tmp_path: Path) -> None:
    log = tmp_path / "odd.log"
    log.write_text("a" * 5000 + "!\n")
    with pytest.raises((ProbeError, NoAnswer), match=r"0\.5 s"):
        files.line_count(str(log), r"^(a|aa)+$", timeout="500ms")


def test_what_is_no_text_is_counted_all_the_same(tmp_path: Path) -> None:
    log = tmp_path / "odd.log"
    log.write_bytes(b"\xff\xfe ERROR\r\n\r\nplain ERROR")
    assert files.line_count(str(log), "ERROR$") == 2
    assert files.line_count(str(log)) == 3


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"path": ""}, "path must be text"),
        ({"path": "${log}"}, "path still holds"),
        ({"pattern": "("}, "is not a regular expression"),
        ({"since": "yesterday"}, "since must be so long ago, such as 5m"),
        ({"since": "2026-11-22T03:00:00"}, "with its zone"),
        ({"since": "2026-11-31T03:00:00Z"}, "since must be"),
        ({"since": "5m", "last_lines": 3}, "since or last_lines, not both"),
        ({"last_lines": 0}, "last_lines must be a whole number"),
        ({"timeout": 0}, "timeout"),
    ],
)
def test_a_wrong_question_is_refused(log: Path, wrong: dict[str, Any], named: str) -> None:
    with pytest.raises(BadInput, match=named):
        files.line_count(**{"path": str(log), "pattern": "x", **wrong})
