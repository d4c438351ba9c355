"""A process is told by its start."""

import os
import subprocess
import sys

from chaoslib_ext.processes import started_at


def test_a_process_keeps_its_start_and_a_dead_one_has_none() -> None:
    assert started_at(os.getpid()) == started_at(os.getpid())
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    assert (started_at(child.pid) or 0) >= (started_at(os.getpid()) or 0)
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert started_at(child.pid) is None, "a zombie is dead"
    child.wait()
    assert started_at(child.pid) is None
