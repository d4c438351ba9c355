"""A file is there whole or not at all."""

import os
from pathlib import Path

import pytest

from chaoslib_ext.errors import RecordNotWritable
from chaoslib_ext.record.files import write_atomically


def test_it_is_written_with_its_mode(tmp_path: Path) -> None:
    write_atomically(tmp_path / "x", "é\n", mode=0o640)
    assert (tmp_path / "x").read_text() == "é\n" and (tmp_path / "x").stat().st_mode & 0o777 == 0o640


def test_a_full_disk_is_an_error_of_the_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(RecordNotWritable, match="No space left"):
        write_atomically(tmp_path / "x", "new")
    assert not list(tmp_path.iterdir())


def test_what_is_no_file_is_written_into_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    write_atomically(pipe, "through")
    assert pipe.is_fifo() and os.read(reader, 100) == b"through"
    os.close(reader)


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").write_text("old")
    (tmp_path / "link").symlink_to("real")
    write_atomically(tmp_path / "link", "new")
    assert (tmp_path / "link").is_symlink() and (tmp_path / "real").read_text() == "new"
