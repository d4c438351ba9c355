"""Records that nobody closed: their process is dead, and no watchdog was left to say so. They are closed by hand.

Touched are only records that were never finished or sealed, whose chain holds and whose owner is known to be dead.
One whose faults may still be in is left to `chaos undo`; one in which somebody wrote a moment ago, to its watchdog.
One that looks cut (its run came to an end that it does not tell of) stays open, so that nobody takes it for whole.
"""

import logging
import platform
from contextlib import closing
from pathlib import Path
from typing import Any

from chaoslib_ext.clock import SYSTEM, Clock
from chaoslib_ext.errors import ExtError
from chaoslib_ext.folders import state_dir
from chaoslib_ext.record.events import DISK
from chaoslib_ext.record.read import events, verify
from chaoslib_ext.record.rebuild import seal
from chaoslib_ext.record.record import EVENTS, SEAL, Record, finish_seal
from chaoslib_ext.record.shelf import folders
from chaoslib_ext.undo.log import UndoLog
from chaoslib_ext.undo.owner import Owner

__all__ = ["close", "close_dead", "seal_anew"]

_SEALED = "record.sealed"

_QUIET = 5.0
"""Seconds since the last event after which no watchdog can still be at it: it needs a fraction of one."""

_WITHIN = 5.0
"""Seconds that the disk of a record may take to close it."""

_logger = logging.getLogger("chaostoolkit")


def close_dead(clock: Clock = SYSTEM) -> list[Path]:
    """Close every record whose process is dead, and return their folders. Never raises for what a record contains."""
    return [folder for folder in _unsealed() if _is_closed_in_time(folder, clock)]


def _is_closed_in_time(folder: Path, clock: Clock) -> bool:
    try:
        return DISK.do(lambda: _close_if_dead(folder, clock), _WITHIN)
    except TimeoutError as error:
        _logger.debug("the record %s could not be closed: %s", folder, error)
        return False


def _unsealed() -> list[Path]:
    try:
        return DISK.do(lambda: [folder for folder in folders() if not (folder / SEAL).exists()], _WITHIN)
    except (ExtError, OSError):  # there is no journal, or it cannot be read: whoever asked for it says so
        return []


def _close_if_dead(folder: Path, clock: Clock) -> bool:
    try:
        found = events(folder)
        if verify(folder).state != "open":
            return False
        if found and _is_quiet(folder, clock) and finish_seal(folder, found[-1]):
            if _owner(found) is not None:
                _close_log(folder)
            return True
        if not _is_left(folder, found, clock):
            return False
        close(folder)
        _close_log(folder)
    except Exception as error:  # one that cannot be closed stays as it is, and must not stop what was asked for
        _logger.debug("the record %s could not be closed: %s", folder, error)
        return False
    return True


def _is_left(folder: Path, found: list[dict[str, Any]], clock: Clock) -> bool:
    kinds = {event["kind"] for event in found}
    if _SEALED in kinds:
        return False  # its seal was taken away: not for us to mend
    owner = _owner(found)
    if found and (owner is None or owner.is_alive()):
        return False
    is_quiet = _is_quiet(folder, clock)
    log = _log(folder)
    if not log.path.exists():  # then there was no watchdog either
        return (is_quiet or bool(found)) and "run.finished" not in kinds
    state = log.read()
    if log.is_attended(state.header):  # also from another container, whose pids mean nothing here
        return False
    # a log is closed after the seal of its record: where it is, events were lost, and that is not for us to mend
    return is_quiet and not state.open and ("run.died" in kinds or not state.closed)


def _is_quiet(folder: Path, clock: Clock) -> bool:
    return clock.wall().timestamp() - (folder / EVENTS).stat().st_mtime > _QUIET


def _owner(found: list[dict[str, Any]]) -> Owner | None:
    data = found[0]["data"] if found else {}
    if not data.get("pid") or data.get("host") != platform.node():
        return None  # a process of another host or container, of which nothing can be told from here
    return Owner(int(data["pid"]), float(data["create_time"]), str(data["boot_id"]))


def close(folder: Path) -> None:
    """Say in the record that its process died, unless it says how the run ended; make it readable, and seal it.

    Raises RecordBroken or RecordNotWritable.
    """
    found = events(folder)
    with closing(Record.open(folder)) as record:
        if not {event["kind"] for event in found} & {"run.finished", "run.died"}:
            said = {"run": _run(folder), "by": "hand", "why": "its process died, and nobody had closed its record"}
            record.append("run.died", said if found else {**said, "why": "killed before its first event"}, actor="hand")
        seal(record, "hand")


def seal_anew(folder: Path, actor: str) -> None:
    """Where something was told behind its seal, which opened the record again: make it whole once more.

    Raises RecordBroken or RecordNotWritable.
    """
    kinds = [event["kind"] for event in events(folder)]
    if _SEALED in kinds and kinds[-1] != _SEALED:
        with closing(Record.open(folder)) as record:
            seal(record, actor)


def _close_log(folder: Path) -> None:
    """Its faults are gone, or the record would not have been closed; only its run could not say so any more."""
    log = _log(folder)
    state = log.read() if log.path.exists() else None
    if state is not None and not (state.closed or state.open or log.is_attended(state.header)):
        log.close()


def _log(folder: Path) -> UndoLog:
    return UndoLog(state_dir("undo") / f"{_run(folder)}.jsonl")


def _run(folder: Path) -> str:
    return folder.name.rsplit("-", 1)[-1]
