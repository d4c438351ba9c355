"""Who owns a run: a process told by its pid, the moment it started and the boot it belongs to, so pids may be reused.

Linux: the start time is field 22 of `/proc/<pid>/stat` (`man 5 proc`), which no clock change can move. Elsewhere psutil
answers.
"""

import os
import platform
from dataclasses import dataclass
from pathlib import Path

from chaoslib_ext.clock import boot_id

__all__ = ["Owner", "person", "started_at"]


@dataclass(frozen=True)
class Owner:
    """One process, for ever: no later process is equal to it."""

    pid: int
    create_time: float
    boot_id: str

    @classmethod
    def this(cls) -> "Owner":
        """The calling process."""
        pid = os.getpid()
        return cls(pid, started_at(pid) or 0.0, boot_id())

    def is_alive(self) -> bool:
        """Does this very process still run? A zombie does not, nor does a process of another boot."""
        return self.boot_id == boot_id() and started_at(self.pid) == self.create_time

    def goes_on(self) -> bool:
        """Does it live and run on? One that was stopped (SIGSTOP, Ctrl-Z, a debugger) may never do anything again."""
        return self.is_alive() and not _is_stopped(self.pid)


def person() -> str:
    """Who calls, for people to ask: `user@host`; the number of a user whom the system has no name for."""
    import pwd

    try:
        name = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        name = str(os.getuid())
    return f"{name}@{platform.node()}"


def started_at(pid: int) -> float | None:
    """Seconds after boot at which `pid` started; None when it is gone (or only a zombie)."""
    fields = _stat(pid)
    if fields is None:
        return None if Path("/proc/self/stat").exists() else _elsewhere(pid)
    return None if fields[0] in "ZX" else int(fields[19]) / os.sysconf("SC_CLK_TCK")


def _is_stopped(pid: int) -> bool:
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
