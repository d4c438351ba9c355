"""A process ends itself, and its watchdog before if that is asked."""

import os
import signal
import subprocess
import sys

from chaoslib_ext.selftest.steps import watchdogs_of


def test_it_ends_itself() -> None:
    code = "from chaoslib_ext.selftest.steps import signalled; signalled('SIGTERM')"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == -signal.SIGTERM


def test_its_watchdog_is_known_from_its_other_children() -> None:
    sleeps = "import time; time.sleep(60)"
    with (
        subprocess.Popen([sys.executable, "-c", sleeps, "chaoslib_ext.faults.watch"]) as watchdog,
        subprocess.Popen([sys.executable, "-c", sleeps]) as other,
    ):
        found = watchdogs_of(os.getpid())  # with those of other tests that are still at it
        assert watchdog.pid in found and other.pid not in found
        for one in (watchdog, other):
            one.kill()
