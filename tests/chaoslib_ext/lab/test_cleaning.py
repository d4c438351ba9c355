import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from chaoslib_ext.clock import SYSTEM
from chaoslib_ext.lab.cleaning import clean
from chaoslib_ext.lab.state import MARK, Book, LabState, ProcessState, lab_dir

Start = Callable[[str], subprocess.Popen[bytes]]


@pytest.fixture
def start() -> Iterator[Start]:
    """Start an idle process that carries the mark of a lab in that folder, or none."""
    started: list[subprocess.Popen[bytes]] = []

    def start(mark: str) -> subprocess.Popen[bytes]:
        script = "import signal; print('ready', flush=True); signal.pause()"
        env = {**os.environ, **({MARK: mark} if mark else {})}
        process = subprocess.Popen([sys.executable, "-c", script], env=env, stdout=subprocess.PIPE)
        assert process.stdout
        process.stdout.readline()
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        assert process.stdout
        process.stdout.close()


def book(folder: Path, **processes: ProcessState) -> Book:
    state = LabState(started=SYSTEM.wall(), secret="s", data=str(folder / "data"), processes=processes)
    return Book(state, folder)


def test_nothing_there_is_nothing_done() -> None:
    assert clean(lab_dir()) is False


def test_a_process_started_but_not_yet_written_down_is_found_by_its_mark(start: Start) -> None:
    folder = lab_dir()
    book(folder, payment=ProcessState(port=1))
    process = start(str(folder))
    assert clean(folder) is True
    assert process.poll() is not None
    assert not folder.exists()


def test_without_a_usable_state_file_the_mark_is_enough(start: Start) -> None:
    folder = lab_dir()
    folder.mkdir()
    (folder / "lab.json").write_text('{"schema_version": 99}')
    process = start(str(folder))
    assert clean(folder) is True
    assert process.poll() is not None


def test_a_pid_that_was_used_again_by_another_process_is_left_alone(start: Start) -> None:
    stranger = start("")
    book(lab_dir(), payment=ProcessState(port=1, pid=stranger.pid, create_time=1.0))
    clean(lab_dir())
    assert stranger.poll() is None


def test_another_lab_is_left_alone(start: Start, tmp_path: Path) -> None:
    neighbour = start(str(tmp_path))
    clean(lab_dir())
    assert neighbour.poll() is None


def test_logs_are_kept_when_asked_and_do_not_count_as_a_lab() -> None:
    folder = lab_dir()
    (folder / "logs").mkdir(parents=True)
    (folder / "logs" / "postgres.log").write_text("why it failed")
    (folder / "data").mkdir()
    assert clean(folder, keep_logs=True) is True
    assert [path.name for path in folder.iterdir()] == ["logs"]
    assert clean(folder) is False
    assert not folder.exists()


def test_data_that_lies_elsewhere_goes_too(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    folder = lab_dir()
    Book(LabState(started=SYSTEM.wall(), secret="s", data=str(elsewhere)), folder)
    clean(folder)
    assert not elsewhere.exists()
