"""Looks at processes of this machine, found by pid, pid file, name or command line. Sends them nothing.

A process is one as long as it runs: a zombie is none.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import psutil

from chaoslib_ext.clock import SYSTEM, Clock
from chaoslib_ext.errors import BadInput, ProbeError

from .arguments import text, whole
from .patterns import Pattern

__all__ = ["Wanted", "cpu_percent", "found", "total"]

T = TypeVar("T")

_SLACK = 2.0  # seconds: psutil reckons a start from the boot time, which a corrected clock moves a little
_PATTERN_SECONDS = 2.0
_GONE = {psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD}


@dataclass(frozen=True)
class Wanted:
    """Which processes: by exactly one of four. Raises BadInput.

    `name` is the program's own, such as `postgres`; `cmdline` a regular expression for the whole command line.
    """

    pid: int | None = None
    pid_file: str | None = None
    name: str | None = None
    cmdline: str | None = None

    def __post_init__(self) -> None:
        ways = {"pid": self.pid, "pid_file": self.pid_file, "name": self.name, "cmdline": self.cmdline}
        given = [way for way, value in ways.items() if value is not None]
        if len(given) != 1:
            raise BadInput(f"name the processes by one of {', '.join(ways)}, not by {' and '.join(given) or 'none'}")
        if self.pid is not None:
            whole("pid", self.pid, 1, 2**31 - 1)
        for way in ("pid_file", "name"):
            if ways[way] is not None:
                text(way, ways[way], "/run/shop.pid" if way == "pid_file" else "postgres")
        if self.cmdline is not None:
            Pattern(self.cmdline, _PATTERN_SECONDS)

    def __str__(self) -> str:
        if self.pid is not None:
            return f"process {self.pid}"
        return next(f"{way} {value!r}" for way, value in vars(self).items() if value is not None)


def found(wanted: Wanted, *, children: bool = False) -> list[psutil.Process]:
    """Those that run now, and with `children` all below them. This process and those above it are never meant by a
    name or a command line: they carry the pattern in their own. Raises ProbeError when a pid file cannot be read.
    """
    these = {one.pid: one for one in _candidates(wanted) if _runs(one)}
    for one in list(these.values()) if children else ():
        these |= {below.pid: below for below in _safely(one, _below) or [] if _runs(below)}
    return list(these.values())


def _below(process: psutil.Process) -> list[psutil.Process]:
    return list(process.children(recursive=True))


def total(wanted: Wanted, measure: Callable[[psutil.Process], float], *, children: bool = False) -> float:
    """The sum over all of them. Raises ProbeError when there is none, or when one may not be looked at."""
    values = [_measured(one, measure) for one in found(wanted, children=children)]
    seen = [value for value in values if value is not None]
    if not seen:
        raise ProbeError(f"no process by {wanted}; is it running, and on this machine?")
    return sum(seen)


def cpu_percent(wanted: Wanted, over: float, *, children: bool = False, clock: Clock = SYSTEM) -> float:
    """Of one core, over that many seconds, all of them together: 200 is two cores busy. Raises ProbeError."""
    before = {one: _measured(one, _cpu_seconds) for one in found(wanted, children=children)}
    began = clock.monotonic()
    clock.sleep(over)
    spent = clock.monotonic() - began
    after = {one: _measured(one, _cpu_seconds) for one in before}
    used = [now - then for one, then in before.items() if then is not None and (now := after[one]) is not None]
    if not used:
        raise ProbeError(f"no process by {wanted} lasted the {over:g} s; is it running, and on this machine?")
    return sum(used) / spent * 100


def _cpu_seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _measured(process: psutil.Process, measure: Callable[[psutil.Process], float]) -> float | None:
    """None when it ended meanwhile."""
    try:
        return measure(process)
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return None
    except psutil.AccessDenied:
        raise ProbeError(
            f"process {process.pid} may not be looked at by this user; run as its user, or as root"
        ) from None


def _candidates(wanted: Wanted) -> Iterator[psutil.Process]:
    if wanted.pid is not None:
        yield from _by_pid(wanted.pid)
    elif wanted.pid_file is not None:
        yield from _by_file(Path(wanted.pid_file))
    else:
        own = _own()
        for one in psutil.process_iter():
            if one.pid not in own and _fits(one, wanted):
                yield one


def _by_pid(pid: int) -> Iterator[psutil.Process]:
    try:
        yield psutil.Process(pid)
    except psutil.NoSuchProcess:
        return


def _by_file(file: Path) -> Iterator[psutil.Process]:
    """The process that the file was written for: one that started after it has only got the same number."""
    try:
        written, words = file.stat().st_mtime, file.read_text()[:100].split()
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or error
        raise ProbeError(
            f"the pid file {file} cannot be read ({why}); if it goes with its process, ask by name"
        ) from None
    if not words or not words[0].isdigit():
        raise ProbeError(f"the pid file {file} does not begin with a number")
    for one in _by_pid(int(words[0])):
        if (started := _safely(one, lambda it: it.create_time())) is not None and started <= written + _SLACK:
            yield one


def _fits(process: psutil.Process, wanted: Wanted) -> bool:
    if wanted.name is not None:
        return bool(_safely(process, lambda it: it.name()) == wanted.name)
    command = " ".join(_safely(process, lambda it: it.cmdline()) or [])
    return bool(command) and Pattern(str(wanted.cmdline), _PATTERN_SECONDS).search(command) is not None


def _safely(process: psutil.Process, look: Callable[[psutil.Process], T]) -> T | None:
    """None when it ended meanwhile, or does not show that to us."""
    try:
        return look(process)
    except psutil.Error:
        return None


def _runs(process: psutil.Process) -> bool:
    status = _safely(process, lambda it: it.status())
    return status is not None and status not in _GONE


def _own() -> set[int]:
    this = psutil.Process(os.getpid())
    return {this.pid, *(one.pid for one in this.parents())}
