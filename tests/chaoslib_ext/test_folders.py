"""Where things are kept, and what is said when they cannot be."""

from pathlib import Path

import pytest

from chaoslib_ext.errors import BadInput
from chaoslib_ext.folders import MARKER, journal_dir, runs_dir, state_dir


def test_the_state_folder_is_the_named_one_and_private(own_folders: Path) -> None:
    folder = state_dir("undo")
    assert folder == own_folders / "state" / "undo"
    assert folder.stat().st_mode & 0o777 == 0o700


def test_the_nearest_marked_journal_is_used_from_any_folder_below(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CHAOS_JOURNAL_DIR")
    (tmp_path / "project" / "journal").mkdir(parents=True)
    (tmp_path / "project" / "journal" / MARKER).touch()
    (tmp_path / "project" / "deep" / "journal").mkdir(parents=True)  # not marked: somebody else's
    monkeypatch.chdir(tmp_path / "project" / "deep")
    assert journal_dir() == tmp_path / "project" / "journal"


def test_without_a_marked_journal_it_is_the_users_data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CHAOS_JOURNAL_DIR")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    assert journal_dir() == tmp_path / "data" / "chaostoolkit-ext" / "journal"


def test_a_folder_that_cannot_be_made_names_the_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("CHAOS_JOURNAL_DIR", str(tmp_path / "file"))
    with pytest.raises(BadInput, match="set CHAOS_JOURNAL_DIR to a folder you may write to"):
        runs_dir()
