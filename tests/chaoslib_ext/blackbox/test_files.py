from datetime import UTC, datetime
from pathlib import Path

import pytest

from chaoslib_ext.blackbox.files import Lines, count
from chaoslib_ext.errors import ProbeError

SINCE = datetime(2026, 11, 22, 3, tzinfo=UTC)


def test_what_stands_above_the_first_time_counts_when_all_of_the_file_is_newer(tmp_path: Path) -> None:
    """The rest of an entry whose beginning was rotated away."""
    log = tmp_path / "a.log"
    log.write_text("  ERROR below\n2026-11-22T03:00:01Z ERROR\n")
    assert count(Lines(str(log), "ERROR", SINCE, None), 10) == 2
    log.write_text("2026-11-22T02:59:59Z old\n  ERROR below\n2026-11-22T03:00:00Z ERROR\n")
    assert count(Lines(str(log), "ERROR", SINCE, None), 10) == 1


def test_counting_ends_when_there_are_enough(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    log.write_text("x\n" * 1000)
    assert count(Lines(str(log), "x", None, None), 10, enough=1) == 1


def test_a_pipe_is_no_file_and_is_not_waited_for(tmp_path: Path) -> None:
    import os

    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ProbeError, match="is no file"):
        count(Lines(str(tmp_path / "pipe"), None, None, None), 10)
