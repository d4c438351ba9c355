"""A process is told by its start."""

import os
import subprocess
import sys

from chaoslib_ext.processes import is_ending, started_at


def test_a_process_keeps_its_start_and_a_dead_one_has_none() -> None:
    assert started_at(os.getpid()) == started_at(os.getpid())
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    assert (started_at(child.pid) or 0) >= (started_at(os.getpid()) or 0)
    started = started_at(child.pid) or 0
    assert not is_ending(child.pid, started)
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert started_at(child.pid) is None, "a zombie is dead"
    assert is_ending(child.pid, started), "it is there still"
    child.wait()
    assert started_at(child.pid) is None
    assert not is_ending(child.pid, started)
    assert not is_ending(os.getpid(), started), "another process"
