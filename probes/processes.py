"""Processes of this machine: how many, are they alive, what do they take. Looks only; sends no signal.

All name them by one of `pid`, `pid_file`, `name` (the program's own, such as `postgres`) and `cmdline` (a regular
expression for the whole command line); `children` counts all below them too. A zombie is not alive. By a name or a
command line this run itself and what started it are never meant. `timeout` bounds the whole probe.
"""

from collections.abc import Callable
from typing import TypeVar

from chaoslib_ext.blackbox import processes
from chaoslib_ext.blackbox.arguments import seconds, whole
from chaoslib_ext.blackbox.bounded import bounded
from chaoslib_ext.blackbox.processes import Wanted

__all__ = ["are_alive", "count", "cpu_percent", "memory_bytes", "open_files"]

T = TypeVar("T")


def count(
    pid: int | None = None,
    pid_file: str | None = None,
    name: str | None = None,
    cmdline: str | None = None,
    *,
    children: bool = False,
    timeout: str = "10s",
) -> int:
    """How many run. Raises ProbeError when the pid file cannot be read."""
    wanted = Wanted(pid, pid_file, name, cmdline)
    return _in_time(lambda: len(processes.found(wanted, children=children)), timeout)


def are_alive(
    pid: int | None = None,
    pid_file: str | None = None,
    name: str | None = None,
    cmdline: str | None = None,
    *,
    at_least: int = 1,
    children: bool = False,
    timeout: str = "10s",
) -> bool:
    """Do at least that many run?"""
    least = whole("at_least", at_least, 1, 1_000_000)
    return count(pid, pid_file, name, cmdline, children=children, timeout=timeout) >= least


def memory_bytes(
    pid: int | None = None,
    pid_file: str | None = None,
    name: str | None = None,
    cmdline: str | None = None,
    *,
    children: bool = False,
    timeout: str = "10s",
) -> int:
    """Bytes in memory now (RSS), all together; what they share counts for each. Raises ProbeError when none runs."""
    wanted = Wanted(pid, pid_file, name, cmdline)
    return _in_time(lambda: int(processes.total(wanted, lambda one: one.memory_info().rss, children=children)), timeout)


def open_files(
    pid: int | None = None,
    pid_file: str | None = None,
    name: str | None = None,
    cmdline: str | None = None,
    *,
    children: bool = False,
    timeout: str = "10s",
) -> int:
    """Open file descriptors now, sockets and pipes included, all together. Raises ProbeError when none runs."""
    wanted = Wanted(pid, pid_file, name, cmdline)
    return _in_time(lambda: int(processes.total(wanted, lambda one: one.num_fds(), children=children)), timeout)


def cpu_percent(
    pid: int | None = None,
    pid_file: str | None = None,
    name: str | None = None,
    cmdline: str | None = None,
    *,
    over: str = "1s",
    children: bool = False,
    timeout: str = "10s",
) -> float:
    """How busy they keep the processor `over` that time, all together: 100 is one core. `timeout` comes on top of it.

    Raises ProbeError when none runs all the while.
    """
    wanted = Wanted(pid, pid_file, name, cmdline)
    length = seconds("over", over)
    measured = _in_time(lambda: processes.cpu_percent(wanted, length, children=children), timeout, length)
    return round(measured, 2)


def _in_time(look: Callable[[], T], timeout: str, besides: float = 0.0) -> T:
    limit = seconds("timeout", timeout)
    return bounded(look, limit + besides, f"the look at the processes did not end in {limit:g} s")
