"""Who is at a run: locks that neither a killed process nor a child of it can keep."""

import fcntl
import os
import signal
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from chaoslib_ext.clock import SYSTEM
from chaoslib_ext.undo import presence
from chaoslib_ext.undo.presence import (
    RUNNER,
    WATCHDOG,
    Presence,
    gives_signs,
    is_silent,
    is_there,
    last_sign,
    owner_file,
)

HOLDER = """
import os, sys, time
from pathlib import Path
from chaoslib_ext.undo.presence import RUNNER, Presence
held = Presence(Path(sys.argv[1]), RUNNER)
child = os.fork()
if child: print(child, flush=True)
time.sleep(60)
"""


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "r.jsonl"


def test_runner_and_watchdog_are_told_apart(log: Path) -> None:
    assert is_there(log, RUNNER) is None, "no file: nobody knows"
    runner = Presence(log, RUNNER)
    assert (is_there(log, RUNNER), is_there(log, WATCHDOG)) == (True, False)
    watchdog = Presence(log, WATCHDOG)
    runner.leave()
    runner.leave()
    assert (is_there(log, RUNNER), is_there(log, WATCHDOG)) == (False, True)
    watchdog.leave()
    assert owner_file(log).stat().st_mode & 0o777 == 0o600


def test_a_run_has_one_runner_and_may_have_two_watchdogs(log: Path) -> None:
    held = Presence(log, RUNNER)
    with pytest.raises(OSError):
        Presence(log, RUNNER)
    held.leave()
    both = [Presence(log, WATCHDOG), Presence(log, WATCHDOG)]
    both[0].leave()
    assert is_there(log, WATCHDOG) is True
    both[1].leave()
    assert is_there(log, WATCHDOG) is False and last_sign(log, WATCHDOG) is None


def test_who_holds_it_gives_signs_of_life_until_it_is_stopped(log: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", HOLDER, str(log)], stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout
        child = int(holder.stdout.readline())
        try:
            first = last_sign(log, RUNNER)
            assert first is not None and not is_silent(log, RUNNER)
            _until(lambda: (last_sign(log, RUNNER) or 0) > first + 1)
            assert gives_signs(log, RUNNER) and not is_silent(log, WATCHDOG), (
                "nothing is heard of one that is not there"
            )
            os.kill(holder.pid, signal.SIGSTOP)
            _until(lambda: is_silent(log, RUNNER))
            assert is_there(log, RUNNER) and not gives_signs(log, RUNNER)
            os.kill(holder.pid, signal.SIGCONT)
            _until(lambda: gives_signs(log, RUNNER))
            assert not is_silent(log, RUNNER)
        finally:
            holder.kill()
            os.kill(child, signal.SIGKILL)
    assert last_sign(log, RUNNER) is None, "gone with it"


def test_one_of_before_signs_were_given_is_told_by_its_lock(log: Path) -> None:
    with open(owner_file(log), "w") as file:
        fcntl.fcntl(file, fcntl.F_OFD_SETLK, struct.pack("hhqqi", fcntl.F_WRLCK, os.SEEK_SET, WATCHDOG, 1, 0))
        assert is_there(log, WATCHDOG) is True
        assert not is_silent(log, WATCHDOG) and last_sign(log, WATCHDOG) is None


def test_a_forked_child_gives_signs_of_its_own(log: Path, tmp_path: Path) -> None:
    held = Presence(log, RUNNER)
    if (child := os.fork()) == 0:
        other = tmp_path / "other.jsonl"
        Presence(other, RUNNER)
        first = last_sign(other, RUNNER) or 0
        SYSTEM.sleep(3)
        os._exit(0 if (last_sign(other, RUNNER) or 0) > first else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    held.leave()


def test_without_a_thread_nothing_is_held(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*_: object) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(presence, "_signing", None)
    monkeypatch.setattr(presence.threading.Thread, "start", none)
    with pytest.raises(RuntimeError):
        Presence(log, RUNNER)
    assert is_there(log, RUNNER) is False


def _until(is_so: Callable[[], object]) -> None:
    deadline = SYSTEM.monotonic() + 30
    while not is_so():
        assert SYSTEM.monotonic() < deadline
        SYSTEM.sleep(0.02)


def test_looking_takes_nothing(log: Path) -> None:
    Presence(log, RUNNER).leave()
    assert is_there(log, RUNNER) is False
    assert not os.path.exists(f"{log}.lock")
    Presence(log, RUNNER).leave()


def test_a_killed_one_is_gone_although_its_child_lives_on(log: Path) -> None:
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, str(log)], stdout=subprocess.PIPE, text=True)
    assert holder.stdout
    child = int(holder.stdout.readline())
    try:
        assert is_there(log, RUNNER) is True
        holder.kill()
        holder.wait()
        deadline = SYSTEM.monotonic() + 10
        while is_there(log, RUNNER):
            assert SYSTEM.monotonic() < deadline, "its child keeps it"
            SYSTEM.sleep(0.01)
        os.kill(child, 0)
    finally:
        os.kill(child, 9)
        holder.stdout.close()


def test_a_link_in_the_place_of_its_file_is_refused(log: Path, tmp_path: Path) -> None:
    owner_file(log).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError):
        Presence(log, RUNNER)
    assert is_there(log, RUNNER) is None and not (tmp_path / "elsewhere").exists()


@pytest.mark.timeout(20)
def test_a_pipe_in_the_place_of_its_file_is_not_waited_for(log: Path) -> None:
    os.mkfifo(owner_file(log))
    assert not is_silent(log, RUNNER) and not gives_signs(log, RUNNER) and last_sign(log, RUNNER) is None
