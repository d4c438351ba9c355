"""Where the host cannot write its log file, our commands work all the same."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

CHAOS = str(Path(sys.executable).with_name("chaos"))
Ran = subprocess.CompletedProcess[str]

pytestmark = pytest.mark.joins("cli", "host")


def test_undo_works_where_the_log_file_cannot_be_written(chaos: Callable[..., Ran], tmp_path: Path) -> None:
    (tmp_path / "chaostoolkit.log").mkdir()  # as root, no folder is unwritable
    ran = chaos("--no-version-check", "undo", "--all", CHAOS_STATE_DIR=str(tmp_path / "state"))
    assert (ran.returncode, ran.stderr) == (0, "")


def test_undo_works_in_a_folder_that_was_deleted(tmp_path: Path) -> None:
    words = 'mkdir gone && cd gone && rmdir ../gone && exec "$0" --no-version-check undo --all'
    environment = {**os.environ, "CHAOS_STATE_DIR": str(tmp_path / "state")}
    ran = subprocess.run(["sh", "-c", words, CHAOS], cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr


def test_where_it_can_be_written_it_is(chaos: Callable[..., Ran], tmp_path: Path) -> None:
    assert chaos("--no-version-check", "undo", CHAOS_STATE_DIR=str(tmp_path / "state")).returncode == 0
    assert (tmp_path / "chaostoolkit.log").is_file()
    named = tmp_path / "named.log"
    chaos("--no-version-check", "--log-file", str(named), "undo", CHAOS_STATE_DIR=str(tmp_path / "state"))
    assert named.is_file()
