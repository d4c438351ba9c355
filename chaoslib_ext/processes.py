"""Which process is which, pids being used again: told by the moment it started, which no clock change can move.

Linux: field 22 of `/proc/<pid>/stat` (`man 5 proc`). Elsewhere psutil answers.
"""

import os
from pathlib import Path

__all__ = ["is_stopped", "started_at"]


def started_at(pid: int) -> float | None:
    """Seconds after boot at which `pid` started; None when it is gone (or only a zombie)."""
    fields = _stat(pid)
    if fields is None:
        return None if Path("/proc/self/stat").exists() else _elsewhere(pid)
    return None if fields[0] in "ZX" else int(fields[19]) / os.sysconf("SC_CLK_TCK")


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
