"""A file is there whole or not at all, whoever writes it."""

import os
from pathlib import Path

import pytest

from chaoslib_ext.durable import half_written, replaced, sync_folder


def test_it_takes_the_place_of_what_was_there_with_its_mode(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("old")
    replaced(tmp_path / "x", "new", 0o640)
    assert (tmp_path / "x").read_text() == "new" and (tmp_path / "x").stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_failure_leaves_what_was_there_and_no_litter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    (tmp_path / "x").write_text("old")
    monkeypatch.setattr(os, call, lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(OSError, match="No space left"):
        replaced(tmp_path / "x", "new", 0o600)
    assert [path.name for path in tmp_path.iterdir()] == ["x"] and (tmp_path / "x").read_text() == "old"


def test_its_name_is_synced_after_the_file_is_in_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    fsync, replace = os.fsync, os.replace

    def synced(handle: int) -> None:
        done.append("folder" if os.path.isdir(f"/proc/self/fd/{handle}") else "file")
        fsync(handle)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "replace", lambda *to: (done.append("in place"), replace(*to)))
    replaced(tmp_path / "x", "new", 0o600)
    sync_folder(tmp_path)
    assert done == ["file", "in place", "folder", "folder"]


def test_what_killed_writers_left_is_found_and_nothing_else(tmp_path: Path) -> None:
    for name in ("a[1]", ".a[1].x1", ".a[1].y2", ".a1.z3", "a[1].x1"):
        (tmp_path / name).touch()
    assert [path.name for path in half_written(tmp_path / "a[1]")] == [".a[1].x1", ".a[1].y2"]
