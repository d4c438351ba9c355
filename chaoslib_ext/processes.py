"""Which process is which, pids being used again: told by the moment it started, which no clock change can move.

Linux: field 22 of `/proc/<pid>/stat` (`man 5 proc`). Elsewhere psutil answers.
"""

import os
from pathlib import Path

__all__ = ["is_ending", "is_stopped", "started_at"]


def started_at(pid: int) -> float | None:
    """Seconds after boot at which `pid` started; None when it is gone (or only a zombie)."""
    fields = _stat(pid)
    if fields is None:
        return None if Path("/proc/self/stat").exists() else _elsewhere(pid)
    return None if fields[0] in "ZX" else _start(fields)


def is_ending(pid: int, started: float) -> bool:
    """True if the process with that pid and start was killed or has ended, but is still there: a thread of it waits in
    the kernel for a disk that hangs, and cannot be ended (`man 5 proc`, state D).
    """
    fields = _stat(pid)
    if fields is None or _start(fields) != started:
        return False
    return fields[0] in "ZX" or (fields[0] == "D" and bool(int(fields[28]) & _SIGKILL))


_SIGKILL = 1 << 8


def _start(fields: list[str]) -> float:
    return int(fields[19]) / os.sysconf("SC_CLK_TCK")


def is_stopped(pid: int) -> bool:
    """Was it stopped (SIGSTOP, Ctrl-Z, a debugger)?"""
    fields = _stat(pid)
    return fields is not None and fields[0] in "Tt"


def _stat(pid: int) -> list[str] | None:
    """The fields from the third on, its state; None when there is no such process (or no such file system)."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return stat[stat.rindex(")") + 2 :].split()  # the name before it may hold blanks and brackets


def _elsewhere(pid: int) -> float | None:
    import psutil

    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else process.create_time()
    except psutil.Error:
        return None
