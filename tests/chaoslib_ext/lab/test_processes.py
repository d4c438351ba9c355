import os
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from chaoslib_ext.errors import LabError
from chaoslib_ext.lab.processes import Command, environment, found, is_alive, marked, spawn, stop, tail
from chaoslib_ext.lab.state import MARK, ProcessState

IDLE = "import signal; signal.pause()"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); signal.pause()"


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    (tmp_path / "here").mkdir()
    yield tmp_path / "here"
    for process in marked(tmp_path / "here"):
        process.kill()


def idle(folder: Path, script: str = IDLE) -> psutil.Process:
    return psutil.Process(spawn(Command([sys.executable, "-c", script]), folder, folder / "log").pid)


def test_a_process_of_the_lab_is_given_nothing_secret(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setenv("CLOUD_TOKEN", "secret")
    monkeypatch.setenv("TOXIPROXY_URL", "http://elsewhere")
    given = environment(folder, {"PAYMENT_URL": "http://here"})
    assert not {"CLOUD_TOKEN", "TOXIPROXY_URL"} & set(given)
    assert given["PAYMENT_URL"] == "http://here"
    assert given[MARK] == str(folder)


def test_it_has_its_own_session_and_none_of_our_files(folder: Path) -> None:
    with (folder / "ours").open("w") as ours:
        os.set_inheritable(ours.fileno(), True)
        process = idle(folder)
        assert os.getsid(process.pid) == process.pid
        assert str(folder / "ours") not in [file.path for file in process.open_files()]
    stop([process])


def test_a_process_is_known_by_its_start_too_not_by_its_pid_alone(folder: Path) -> None:
    process = idle(folder)
    right = ProcessState(port=1, pid=process.pid, create_time=process.create_time())
    assert is_alive(right)
    assert not is_alive(right.model_copy(update={"create_time": process.create_time() - 60}))
    assert found(ProcessState(port=1)) is None
    stop([process])
    assert not is_alive(right), "a zombie is no process"


def test_who_does_not_listen_is_killed(folder: Path) -> None:
    process = idle(folder, STUBBORN)
    while "deaf" not in (folder / "log").read_text():
        assert process.is_running()
    assert stop([process], patience=0.1) == 1
    assert marked(folder) == []


def test_a_program_that_is_not_there_is_named(folder: Path) -> None:
    with pytest.raises(LabError, match="cannot start /no/such/program"):
        spawn(Command(["/no/such/program"]), folder, folder / "log")


def test_the_end_of_a_log_says_when_there_is_none(folder: Path) -> None:
    (folder / "log").write_text("\n".join(str(line) for line in range(20)))
    assert tail(folder / "log", 2) == "  18\n  19"
    (folder / "log").write_text("")
    assert "empty" in tail(folder / "log")
    assert "cannot be read" in tail(folder / "none")
