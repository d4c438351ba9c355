"""The watchdog as a process: apart from its runner in everything, ready before the first fault."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from chaoslib_ext.errors import WatchdogMissing
from chaoslib_ext.faults.standby import Standby
from chaoslib_ext.undo.log import UndoLog


@pytest.fixture
def log() -> UndoLog:
    return UndoLog.create("r")


@pytest.fixture
def standby(log: UndoLog) -> Iterator[Standby]:
    it = Standby(log)
    yield it
    log.close()
    it.leave()
    assert not it.is_alive()


def test_it_stands_apart_from_its_runner(standby: Standby) -> None:
    assert standby.be_ready()
    assert not standby.be_ready(), "it gets ready once"
    process = psutil.Process(standby.pid)
    assert os.getsid(standby.pid) == standby.pid != os.getsid(0)
    assert process.cwd() == "/"
    files = {int(one.name): os.readlink(one) for one in Path(f"/proc/{standby.pid}/fd").iterdir()}
    assert files[1] == os.devnull
    assert files[2].endswith("watchdog.log")
    ours = {os.readlink(one) for one in Path("/proc/self/fd").iterdir() if one.exists()}
    assert not [to for number, to in files.items() if number > 2 and to.startswith("socket:") and to in ours]


def test_it_needs_no_pydantic_until_there_is_something_to_undo(standby: Standby) -> None:
    standby.be_ready()
    assert "pydantic" not in Path(f"/proc/{standby.pid}/maps").read_text()
    standby.tell("look")
    from chaoslib_ext.clock import SYSTEM

    deadline = SYSTEM.monotonic() + 10
    while "pydantic" not in Path(f"/proc/{standby.pid}/maps").read_text():
        assert SYSTEM.monotonic() < deadline
        SYSTEM.sleep(0.02)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP, signal.SIGTERM])
def test_it_is_deaf_to_what_stops_others(standby: Standby, number: int) -> None:
    standby.be_ready()
    os.kill(standby.pid, number)
    standby.tell("look")
    with pytest.raises(psutil.TimeoutExpired):
        psutil.Process(standby.pid).wait(0.2)


def test_one_that_does_not_get_ready_is_ended_and_said(log: UndoLog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chaoslib_ext.faults.standby._COMMAND", ["-c", "import time; time.sleep(60)"])
    standby = Standby(log)
    with pytest.raises(WatchdogMissing, match=r"within 0\.1 s.*nothing was injected"):
        standby.be_ready(0.1)
    standby.wait()
    assert not standby.is_alive()


def test_one_that_cannot_be_started_is_said(log: UndoLog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/no/python/here")
    with pytest.raises(WatchdogMissing, match="could not be started"):
        Standby(log)


def test_words_to_a_dead_one_are_lost_without_an_error(log: UndoLog) -> None:
    standby = Standby(log)
    standby.be_ready()
    os.kill(standby.pid, signal.SIGKILL)
    standby.wait()
    standby.tell("look")
    standby.leave()


def test_words_through_a_pipe_that_an_activity_closed_are_lost_without_an_error(log: UndoLog) -> None:
    standby = Standby(log)
    standby.be_ready()
    assert standby._process.stdin
    os.close(standby._process.stdin.fileno())
    standby.tell("look")
    standby.leave(0.1)
    os.kill(standby.pid, signal.SIGKILL)
    standby.wait()


def test_relative_folders_are_made_absolute_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, log: UndoLog
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CHAOS_STATE_DIR", "here")
    monkeypatch.setenv("PYTHONPATH", "some:where")
    standby = Standby(log)
    standby.be_ready()
    environment = psutil.Process(standby.pid).environ()
    assert environment["CHAOS_STATE_DIR"] == str(tmp_path / "here")
    assert environment["PYTHONPATH"] == f"{tmp_path}/some:{tmp_path}/where"
    log.close()
    standby.leave()
