"""Processes of the lab: started in a session of their own, known by (pid, creation time), found again by their mark."""

import os
import signal
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from chaoslib_ext.clock import SYSTEM
from chaoslib_ext.errors import LabError

from .state import MARK, ProcessState

__all__ = ["Command", "environment", "found", "is_alive", "marked", "orphans", "spawn", "stop", "tail"]

_KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "VIRTUAL_ENV", "LD_LIBRARY_PATH", "PYTHONPATH")
"""What a process of the lab is given of the caller's environment: nothing secret."""


_SAME_START = 2.0  # seconds: psutil reckons a start from the boot time, which a corrected clock moves a little


@dataclass(frozen=True)
class Command:
    """What to run: the arguments, settings beside the usual environment, and perhaps another user."""

    argv: Sequence[str | Path]
    settings: Mapping[str, str] = field(default_factory=dict)
    user: str | None = None


def environment(folder: Path, settings: Mapping[str, str]) -> dict[str, str]:
    """The environment of a process of the lab in `folder`, its mark included."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return {**kept, **settings, MARK: str(folder)}


def spawn(command: Command, folder: Path, log: Path) -> subprocess.Popen[bytes]:
    """Start it, detached from us: its own session, no input, output to the end of `log`."""
    try:
        with log.open("ab") as output:
            return subprocess.Popen(
                [str(part) for part in command.argv],
                env=environment(folder, command.settings),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd="/" if command.user else folder,
                user=command.user,
                extra_groups=[] if command.user else None,
                start_new_session=True,
            )
    except OSError as error:
        raise LabError(f"cannot start {command.argv[0]}: {error.strerror} ({error.filename})") from error


def found(process: ProcessState) -> psutil.Process | None:
    """The process, if it is the one that was written down and still runs."""
    if process.pid is None:
        return None
    try:
        there = psutil.Process(process.pid)
        same = process.create_time is None or abs(there.create_time() - process.create_time) < _SAME_START
        return there if same and there.status() != psutil.STATUS_ZOMBIE else None
    except psutil.Error:
        return None


def is_alive(process: ProcessState) -> bool:
    """Does the process that was written down still run?"""
    return found(process) is not None


def marked(folder: Path) -> list[psutil.Process]:
    """All processes that carry this lab's mark."""
    return [process for process, lab in _all_marked() if lab == str(folder)]


def orphans() -> list[psutil.Process]:
    """Processes of labs of this user whose folder is gone."""
    return [process for process, lab in _all_marked() if not Path(lab).exists()]


def _all_marked() -> Iterable[tuple[psutil.Process, str]]:
    for process in psutil.process_iter():
        try:
            lab = process.environ().get(MARK)
            mine = process.pid != os.getpid() and process.uids().real in (os.getuid(), _NOBODY)
            if lab and mine and not _is_over(process):
                yield process, lab
        except (psutil.Error, OSError):
            continue  # gone meanwhile, or another user's


_NOBODY = 65534


def stop(processes: Iterable[psutil.Process], *, patience: float = 5.0) -> int:
    """Ask each to end (SIGTERM; PostgreSQL: SIGINT), then kill what still runs. Returns how many there were."""
    asked = [process for process in processes if _ask(process)]
    left = _wait(asked, patience)
    family = [child for process in left for child in _children(process)]
    for process in (*left, *family):
        _kill(process)
    _wait([*left, *family], patience)
    return len(asked)


def _ask(process: psutil.Process) -> bool:
    if _is_over(process):
        return False
    try:
        # SIGTERM lets PostgreSQL wait for its clients; SIGINT is its fast shutdown (docs, 18.5)
        process.send_signal(signal.SIGINT if process.name() == "postgres" else signal.SIGTERM)
        return True
    except psutil.Error:
        return False


def _is_over(process: psutil.Process) -> bool:
    """Ended; a zombie too, for it may take its parent (in a container: process 1) seconds to bury it."""
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.Error:
        return True


def _wait(processes: Iterable[psutil.Process], patience: float) -> list[psutil.Process]:
    """Those that still run after that many seconds."""
    deadline = SYSTEM.monotonic() + patience
    left = list(processes)
    while (left := [process for process in left if not _is_over(process)]) and SYSTEM.monotonic() < deadline:
        SYSTEM.sleep(0.01)
    return left


def _children(process: psutil.Process) -> list[psutil.Process]:
    try:
        return list(process.children(recursive=True))
    except psutil.Error:
        return []


def _kill(process: psutil.Process) -> None:
    try:
        process.kill()
    except psutil.Error:
        return  # gone meanwhile: that is what was wanted


def tail(log: Path, lines: int = 8) -> str:
    """The last lines of a log, indented, for an error message."""
    try:
        text = log.read_bytes()[-4000:].decode(errors="replace").strip()
    except OSError as error:
        return f"  (its log {log} cannot be read: {error.strerror})"
    return "\n".join(f"  {line}" for line in text.splitlines()[-lines:]) or "  (its log is empty)"
