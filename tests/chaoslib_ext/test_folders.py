"""Where things are kept, and what is said when they cannot be."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from chaoslib_ext.errors import BadInput
from chaoslib_ext.folders import MARKER, journal_dir, read_private, runs_dir, state_dir


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


@pytest.fixture
def state(own_folders: Path) -> Path:
    return state_dir()


def test_every_folder_of_state_is_made_private_not_only_the_last(own_folders: Path) -> None:
    state_dir("undo")
    assert (own_folders / "state").stat().st_mode & 0o777 == 0o700


def test_a_state_folder_that_others_could_read_is_closed_to_them(state: Path) -> None:
    state.chmod(0o755)
    assert state_dir().stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("mode", [0o770, 0o707, 0o777, 0o1777])
def test_a_state_folder_that_others_could_change_is_refused_with_the_cure(state: Path, mode: int) -> None:
    state.chmod(mode)
    with pytest.raises(BadInput, match=rf"mode {mode:o}.*chmod 700.*CHAOS_STATE_DIR"):
        state_dir()


def test_so_is_one_below_it(own_folders: Path) -> None:
    state_dir("undo").chmod(0o777)
    with pytest.raises(BadInput, match=r"undo has mode 777"):
        state_dir("undo")


def test_a_link_in_its_place_is_refused(own_folders: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    (own_folders / "state").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(BadInput, match="is a symbolic link"):
        state_dir("undo")
    assert not list((tmp_path / "elsewhere").iterdir())


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_one_of_another_user_is_refused(state: Path) -> None:
    os.chown(state, 12345, -1)
    with pytest.raises(BadInput, match=r"belongs to user 12345, not to you \(user 0\)"):
        state_dir()


def test_a_parent_that_others_may_change_is_refused_unless_it_is_sticky(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    monkeypatch.setenv("CHAOS_STATE_DIR", str(shared / "state"))
    shared.chmod(0o777)
    with pytest.raises(BadInput, match=r"shared has mode 777.*another in place"):
        state_dir()
    shared.chmod(0o1777)
    assert state_dir() == shared / "state"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_parent_of_another_user_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    os.chown(theirs, 12345, -1)
    monkeypatch.setenv("CHAOS_STATE_DIR", str(theirs / "state"))
    with pytest.raises(BadInput, match=r"theirs belongs to user 12345"):
        state_dir()


def test_a_parent_may_be_a_link_of_the_systems_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    monkeypatch.setenv("CHAOS_STATE_DIR", str(tmp_path / "link" / "state"))
    assert state_dir().is_dir()


def test_a_file_that_others_could_have_written_is_not_read(state: Path) -> None:
    file = state / "x"
    file.write_bytes(b"data")
    file.chmod(0o600)
    assert read_private(file) == b"data"
    file.chmod(0o622)
    with pytest.raises(PermissionError, match="others may write it"):
        read_private(file)
    (state / "link").symlink_to(file)
    with pytest.raises(OSError):
        read_private(state / "link")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_nor_is_one_of_another_user(state: Path) -> None:
    file = state / "x"
    file.write_bytes(b"data")
    os.chown(file, 12345, -1)
    with pytest.raises(PermissionError, match="belongs to user 12345"):
        read_private(file)


@pytest.mark.parametrize("command", [["journal", "list"], ["link", "list"], ["doctor"]])
def test_a_folder_that_was_deleted_under_us_is_said(tmp_path: Path, command: list[str]) -> None:
    place = tmp_path / "gone"
    place.mkdir()
    chaos = Path(sys.executable).with_name("chaos")
    script = f'rmdir "{place}"; exec "{chaos}" --no-version-check {" ".join(command)}'
    env = {name: value for name, value in os.environ.items() if name not in ("CHAOS_JOURNAL_DIR", "CHAOS_LINKS")}
    done = subprocess.run(["bash", "-c", script], cwd=place, env=env, capture_output=True, text=True, check=False)
    assert done.returncode in (1, 2) and "the folder you are in was deleted" in done.stdout + done.stderr


@pytest.mark.parametrize("variable", ["CHAOS_STATE_DIR", "CHAOS_JOURNAL_DIR"])
def test_the_home_of_a_user_who_is_not_there_is_a_name_as_in_a_shell(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, variable: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(variable, "~no-such-user/kept")
    folder = state_dir() if variable == "CHAOS_STATE_DIR" else journal_dir()
    assert folder == tmp_path / "~no-such-user" / "kept"


@pytest.mark.timeout(20)
def test_a_pipe_in_the_place_of_a_file_of_ours_is_not_waited_for(state: Path) -> None:
    os.mkfifo(state / "x", 0o600)
    with pytest.raises(OSError, match="it is no file, but a folder, a pipe or a device"):
        read_private(state / "x")
