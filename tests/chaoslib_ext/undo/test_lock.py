"""A lock that dies with its holder, whoever the holder has given birth to."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from chaoslib_ext.clock import SYSTEM, FakeClock
from chaoslib_ext.undo.lock import locked


def _open(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT)


def _is_free(path: Path) -> bool:
    try:
        with locked(_open(path), lambda waited: 1 / 0, SYSTEM):  # any wait at all is an error
            return True
    except ZeroDivisionError:
        return False


def test_one_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with locked(_open(path), lambda waited: True, SYSTEM):
        assert not _is_free(path)
    assert _is_free(path)


def test_a_body_runs_without_the_lock_when_waiting_ends(tmp_path: Path) -> None:
    path, ran = tmp_path / "lock", []
    with (
        locked(_open(path), lambda waited: True, SYSTEM),
        locked(_open(path), lambda waited: waited < 2, FakeClock()),
    ):
        ran.append(True)
    assert ran


BIRTH = """
import os, signal, sys
from chaoslib_ext.clock import SYSTEM
from chaoslib_ext.undo.lock import locked
with locked(os.open(sys.argv[1], os.O_RDWR | os.O_CREAT), lambda waited: True, SYSTEM):
    child = os.fork()
    if child == 0:
        os.read(0, 1)          # lives until the test lets go
        os._exit(0)
    print(child, flush=True)
    if sys.argv[2] == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
print("left", flush=True)
os.read(0, 1)
"""


@pytest.mark.parametrize("end", ["left", "killed"])
def test_a_child_forked_under_the_lock_does_not_keep_it(tmp_path: Path, end: str) -> None:
    path = tmp_path / "lock"
    holder = subprocess.Popen(
        [sys.executable, "-c", BIRTH, str(path), end], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout and holder.stdin
    child = int(holder.stdout.readline())
    if end == "killed":
        holder.wait(10)
    else:
        assert holder.stdout.readline() == "left\n"
    deadline = SYSTEM.monotonic() + 10  # the child closes its copy at birth, which is soon but not now
    while not _is_free(path):
        assert SYSTEM.monotonic() < deadline, "the child keeps the lock"
        SYSTEM.sleep(0.01)
    os.kill(child, 0)  # and it does live
    holder.stdin.close()
    holder.stdout.close()
    holder.wait(10)
