"""Watchdogs that were stopped (SIGSTOP, a frozen cgroup): they undo nothing until they are resumed."""

from collections.abc import Iterator

from chaoslib_ext.errors import UndoError
from chaoslib_ext.faults.standby import processes_of
from chaoslib_ext.processes import is_stopped
from chaoslib_ext.undo.lines import LogState
from chaoslib_ext.undo.log import UndoLog, logs
from chaoslib_ext.undo.presence import WATCHDOG, is_silent, is_there

from .finding import Finding

__all__ = ["check"]

_NAME = "watchdogs"


def check() -> Iterator[Finding]:
    """One finding for each run whose watchdog was stopped, also while the run itself goes on."""
    for log in logs():
        try:
            state = log.read()
        except UndoError:  # said among the leftovers
            continue
        stopped = [pid for pid in processes_of(log) if is_stopped(pid)]
        if stopped or (is_there(log.path, WATCHDOG) and is_silent(log.path, WATCHDOG)):
            yield _of(log, state, stopped or processes_of(log))


def _of(log: UndoLog, state: LogState, pids: list[int]) -> Finding:
    numbers = " ".join(map(str, pids))
    who = f"process {numbers}" if pids else "in another container of this machine"
    if pids and all(map(is_stopped, pids)):
        fix = f"kill -CONT {numbers}"
    else:  # a frozen cgroup does not show in its state, and a signal does not thaw it
        fix = "resume it: thaw its cgroup (docker unpause)" + ("" if pids else ", or kill -CONT in that container")
    if not state.open:
        says, is_wrong = "its run left no fault, so it ends once it is resumed", False
    elif log.is_alive(state.header):
        says, is_wrong = "its run starts another one, unless the run is stopped too", True
    else:
        says, is_wrong = "its run is dead, so the next command undoes what is left", True
    says = f"the watchdog of run {log.run} ({who}) was stopped and undoes nothing; {says}"
    return Finding(_NAME, "wrong" if is_wrong else "note", says, fix)
