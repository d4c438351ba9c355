"""Steps of the small experiment that only a run that is to be ended needs: it ends, or stops, itself."""

import os
import signal
from pathlib import Path

__all__ = ["signalled", "watchdogs_of"]


def signalled(name: str, with_watchdog: bool = False) -> bool:
    """Send a signal to the run itself (SIGKILL, SIGTERM, SIGSTOP), and to its watchdog before if that is asked."""
    number = signal.Signals[name]
    for pid in watchdogs_of(os.getpid()) if with_watchdog else []:
        os.kill(pid, number)
    os.kill(os.getpid(), number)
    return True


def watchdogs_of(runner: int) -> list[int]:
    """The pids of the watchdogs that this process has started and that run."""
    children = [pid for file in Path(f"/proc/{runner}/task").glob("*/children") for pid in file.read_text().split()]
    return [int(pid) for pid in children if b"chaoslib_ext.faults.watch" in Path(f"/proc/{pid}/cmdline").read_bytes()]
