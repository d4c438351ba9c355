"""Folders that are open, or of no use."""

import shutil
from collections import namedtuple
from pathlib import Path

import pytest

from chaoslib_ext.doctor.places import check
from chaoslib_ext.folders import state_dir


def test_all_is_well() -> None:
    assert {one.state for one in check()} == {"ok"}


def test_a_state_folder_that_others_may_change() -> None:
    state_dir().chmod(0o777)
    (wrong,) = [one for one in check() if one.state == "wrong"]
    assert "has mode 777, so others may change what is in it (chmod 700 it)" in wrong.says


def test_a_disk_with_no_room(monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "free")
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage(1 << 20))
    assert all("only 1 MiB are free" in one.says for one in check())


def test_a_folder_that_cannot_be_written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CHAOS_STATE_DIR", "/proc/nowhere")
    assert next(one.state for one in check()) == "wrong"
