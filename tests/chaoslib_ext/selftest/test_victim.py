"""A victim sees nothing of the person, tells of itself, and is gone when it is ended."""

import os
import sys
from pathlib import Path

import pytest

from chaoslib_ext.clock import SYSTEM
from chaoslib_ext.processes import started_at
from chaoslib_ext.selftest.victim import Strike, Victim, chaos, environment


@pytest.fixture(autouse=True)
def persons(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CHAOS_POLICY", "TOXIPROXY_TOKEN", "XDG_STATE_HOME", "PYTHONSTARTUP", "CHAOSTOOLKIT_X"):
        monkeypatch.setenv(name, "the person's own")


def test_nothing_of_the_persons_reaches_it(folder: Path) -> None:
    seen = environment(folder, "http://127.0.0.1:1")
    assert "the person's own" not in seen.values()
    assert seen["TOXIPROXY_URL"] == "http://127.0.0.1:1" and seen["HOME"] == str(folder)
    assert all(str(folder) in seen[name] for name in ("CHAOS_STATE_DIR", "CHAOS_JOURNAL_DIR", "PYTHONPATH"))


def until(is_so: object) -> None:
    deadline = SYSTEM.monotonic() + 30
    while not is_so():  # type: ignore[operator]
        assert SYSTEM.monotonic() < deadline
        SYSTEM.sleep(0.01)


def test_it_tells_of_itself_and_is_gone_when_it_is_ended_with_all_that_came_of_it(folder: Path) -> None:
    child = "import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])"
    victim = Victim(folder, [sys.executable, "-c", f"{child}; print('up', flush=True); time.sleep(60)"], "http://x:1")
    until(lambda: "up" in victim.output())
    until(lambda: len(victim.told("process")) == 2)
    roles = [(one["role"], one["pid"] == victim.pid) for one in victim.told("process")]
    assert sorted(roles) == [("runner", False), ("runner", True)]
    pids = victim.alive()
    assert len(pids) == 2 and not victim.is_over()
    assert victim.end() == sorted(pids)
    assert all(started_at(pid) is None for pid in pids) and victim.is_over()


def test_one_that_comes_to_its_end_leaves_nobody(folder: Path) -> None:
    victim = Victim(
        folder, [sys.executable, "-c", "pass"], "http://x:1", strikes=[Strike("nowhere", ("signal", "SIGKILL"))]
    )
    until(victim.is_over)
    assert victim.exit_code == 0 and victim.end() == []


def test_the_command_is_that_of_this_installation() -> None:
    assert chaos("undo")[0] == sys.executable and os.path.isabs(sys.executable)
