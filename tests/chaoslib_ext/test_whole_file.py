"""A file as a whole, and nothing that never ends."""

import os
from pathlib import Path

import pytest

from chaoslib_ext.errors import BadFile
from chaoslib_ext.whole_file import BIGGEST, read_up_to, read_whole


def test_it_gives_what_stands_in_the_file(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"a\r\n\x00")
    assert read_whole(tmp_path / "x") == b"a\r\n\x00"
    (tmp_path / "x").write_bytes(b"x" * BIGGEST)
    assert len(read_whole(tmp_path / "x")) == BIGGEST


def test_it_waits_at_no_pipe_and_reads_no_device(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", Path("/dev/zero"), tmp_path, tmp_path / "gone"):
        with pytest.raises(OSError):
            read_whole(path)


def test_it_gives_no_more_than_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"abc")
    assert read_up_to(tmp_path / "x", 2) == b"ab"


def test_what_is_too_big_is_told(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"x" * (BIGGEST + 1))
    with pytest.raises(BadFile, match=f"bigger than {BIGGEST} bytes"):
        read_whole(tmp_path / "x")
