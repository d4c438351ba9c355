"""A process with a sleeping thread of a pool ends soon, with 1, and loses nothing it printed."""

import subprocess
import sys

SCRIPT = """
import threading
from concurrent.futures import ThreadPoolExecutor
from chaoslib_ext.control.leaving import leave_soon
never = threading.Event()
ThreadPoolExecutor(1).submit(never.wait, {seconds})
leave_soon()
print("said")
"""


def left(seconds: float) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", SCRIPT.format(seconds=seconds)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_nobody_waits_for_a_thread_that_sleeps_on() -> None:
    done = left(600)
    assert (done.returncode, done.stdout) == (1, "said\n"), done.stderr


def test_a_thread_that_ends_soon_is_waited_for() -> None:
    done = left(0.01)
    assert (done.returncode, done.stdout) == (0, "said\n"), done.stderr
