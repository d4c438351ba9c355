"""Who is at a run: locks that neither a killed process nor a child of it can keep."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from chaoslib_ext.clock import SYSTEM
from chaoslib_ext.undo.presence import RUNNER, WATCHDOG, Presence, is_there, owner_file

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


def test_two_cannot_be_the_same(log: Path) -> None:
    held = Presence(log, RUNNER)
    with pytest.raises(OSError):
        Presence(log, RUNNER)
    held.leave()


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
