"""What runs of this user left behind on this machine, living or dead, and its undoing by a person's hand."""

import logging
from collections.abc import Collection
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from chaoslib_ext.clock import boot_id
from chaoslib_ext.errors import ExtError, UndoError, UnknownTarget, did_you_mean
from chaoslib_ext.model import UndoResult
from chaoslib_ext.record.events import DISK as RECORDS
from chaoslib_ext.undo.lines import Header, Intent, LogState
from chaoslib_ext.undo.log import UndoLog, logs
from chaoslib_ext.undo.owner import Owner, machine
from chaoslib_ext.undo.presence import is_unwatched
from chaoslib_ext.undo.replay import PAUSES, replay

from . import undoers
from .told import of_faults
from .told import undone as event_of
from .unfinished import close, seal_anew

__all__ = ["Leftover", "Undone", "close_done", "leftovers", "undone"]

_WITHIN = 5.0
"""Seconds that telling a record may take."""

_logger = logging.getLogger("chaostoolkit")


@dataclass(frozen=True)
class Leftover:
    """One run with undos still open. `intents`: its faults, or its holds on proxies where nothing else is left."""

    log: UndoLog
    header: Header
    intents: tuple[Intent, ...]
    is_alive: bool

    @classmethod
    def of(cls, log: UndoLog, state: LogState) -> "Leftover":
        """What this log shows now."""
        header = state.header or _unknown(log.run)
        faults = [one for one in state.open if not one.is_lock]
        return cls(log, header, tuple(faults or state.open), log.is_alive(header))

    @property
    def is_attended(self) -> bool:
        """Is its process or its watchdog at it?"""
        return self.log.is_attended(self.header)

    @property
    def where(self) -> str:
        """Where its process is: its number only if it is that very process for whoever reads this here."""
        if self.header.owner.is_alive():
            return f"process {self.header.owner.pid}"
        if self.is_elsewhere:
            return f"on another machine, of {self.header.by or 'an unknown user'}"
        return "in another container of this machine" if self.is_alive else "dead"

    @cached_property
    def is_unwatched(self) -> bool:
        """True if no watchdog is at it that goes on."""
        return is_unwatched(self.log.path)

    def seconds_late(self, boot: str, now: float) -> list[tuple[int, float]]:
        """Undo and seconds since its deadline, of each that should be done by now (`now`: seconds on this boot)."""
        left = [(one.id, one.seconds_left(boot, now)) for one in self.intents]
        return [(id, -seconds) for id, seconds in left if seconds is not None and seconds <= 0]

    @property
    def is_elsewhere(self) -> bool:
        """Is it a run of another machine that shares our state folder? Of that nobody can tell from here."""
        here, there = machine(), self.header.machine
        return bool(here and there and here != there and self.header.owner.boot_id != boot_id())

    def as_json(self) -> dict[str, Any]:
        """For `--json`."""
        head = self.header
        return {
            "run": head.run,
            "title": head.title,
            "alive": self.is_alive,
            "pid": head.owner.pid if head.owner.is_alive() else None,
            "where": self.where,
            "started": head.started,
            "record": head.record,
            "open": [{"id": one.id, "says": one.says, "by_hand": one.by_hand} for one in reversed(self.intents)],
        }


@dataclass(frozen=True)
class Undone:
    """What became of one leftover."""

    leftover: Leftover
    results: tuple[UndoResult, ...]
    problem: str | None = None

    @property
    def is_clean(self) -> bool:
        """Is nothing of it left?"""
        return self.problem is None and all(one.status != "failed" for one in self.results)

    def as_json(self) -> dict[str, Any]:
        """For `--json`."""
        results = [one.model_dump(mode="json") for one in self.results]
        return {**self.leftover.as_json(), "clean": self.is_clean, "results": results, "problem": self.problem}


def leftovers(prefix: str | None = None) -> tuple[list[Leftover], list[str]]:
    """Runs with open undos, oldest first (of those whose id begins with `prefix`), and what could not be read.

    Raises UnknownTarget when a prefix fits no run at all, or more than one.
    """
    chosen = logs() if prefix is None else [_the(prefix)]
    found, unreadable = [], []
    for log in chosen:
        try:
            state = log.read()
        except UndoError as error:
            unreadable.append(str(error))
            continue
        if state.damaged and not state.closed:
            unreadable.append(state.damage(log.path))
        if state.open:
            found.append(Leftover.of(log, state))
    return found, unreadable


def close_done() -> None:
    """Close the logs of dead runs whose faults are all gone, but that died before they could say so. Never raises.

    Where the record is open still, that goes first (`unfinished.close_dead`): a closed log would speak against it.
    """
    try:
        found = logs()
    except UndoError as error:  # it hangs: what that means is said of the runs that were undone
        _logger.debug("%s", error)
        return
    for log in found:
        try:
            state = log.read()
            one = Leftover.of(log, state)
            is_done = bool(state.header) and not (state.open or state.closed or state.damaged)
            if is_done and not one.is_elsewhere and not one.is_attended and not _has_open_record(one.header):
                log.close()
        except (ExtError, OSError) as error:
            _logger.debug("the undo log %s could not be closed: %s", log.path, error)


def _has_open_record(header: Header) -> bool:
    from chaoslib_ext.record.record import EVENTS, SEAL

    folder = _record_of(header)
    return folder is not None and (folder / EVENTS).exists() and not (folder / SEAL).exists()


def _record_of(header: Header) -> Path | None:
    """Where its record lies, if it has one; a log that somebody wrote into may say anything."""
    return Path(header.record) if header.record and isinstance(header.record, str) else None


def _unknown(run: str) -> Header:
    """The header of a log that has lost it: of a run that is dead as far as anybody can tell."""
    return Header(run, "", Owner(0, 0.0, ""), None, "at an unknown time")


def _the(prefix: str) -> UndoLog:
    known = {log.run: log for log in logs()}
    fitting = [log for run, log in known.items() if run.startswith(prefix)]
    exact = known.get(prefix)
    if exact or len(fitting) == 1:
        return exact or fitting[0]
    if fitting:
        names = ", ".join(log.run for log in fitting)
        raise UnknownTarget(f"several runs begin with {prefix}: {names}; type more of it")
    raise UnknownTarget(f"no run {prefix} has an undo log here{did_you_mean(prefix, known)}")


def undone(
    leftover: Leftover,
    *,
    reason: str = "hand",
    pauses: tuple[float, ...] = PAUSES,
    only: Collection[int] | None = None,
) -> Undone:
    """Undo one run's leftovers now (`only` these, if any are named), under its lock, and tell its record. What goes
    wrong is in the answer, so that the next run gets its turn. `pauses`: seconds between the tries of each.
    """
    told: list[tuple[str, dict[str, Any]]] = []
    results: list[UndoResult] = []
    problem = None
    try:
        results = replay(
            leftover.log,
            undoers.load(),
            only=only,
            by="hand",
            reason=reason,
            pauses=pauses,
            on_result=lambda intent, result: told.append(event_of(intent, result, by="hand", reason=reason)),
        )
    except Exception as error:
        problem = _in_words(error)
    try:
        RECORDS.do(lambda: _tell_record(leftover, told), _WITHIN)
        _close_log(leftover)  # last: a closed log says that somebody looked after the record, too
    except TimeoutError as error:
        problem = problem or (
            f"all that could be undone is undone, but its record {leftover.header.record} could not be written: "
            f"{error.strerror}; once its disk answers, the next chaos run or chaos journal verify closes it"
        )
    except Exception as error:
        problem = problem or _in_words(error)
    if not leftover.log.is_written:
        problem = problem or (
            f"all that could be undone is undone, but the undo log {leftover.log.path} could not be written; once its "
            f"disk answers: chaos undo --run {leftover.log.run}"
        )
    return Undone(leftover, tuple(of_faults(results, _state(leftover))), problem)


def _in_words(error: Exception) -> str:
    """Also of what nobody foresaw: a log that was damaged or forged may hold anything."""
    return str(error) if isinstance(error, ExtError) else f"{type(error).__name__}: {error}"


def _close_log(leftover: Leftover) -> None:
    if leftover.is_alive or _state(leftover).open or _has_open_record(leftover.header):
        return
    try:
        leftover.log.close()
    except UndoError as error:  # the world is clean; it will be looked at once more
        _logger.warning("%s", error)


def _state(leftover: Leftover) -> LogState:
    try:
        return leftover.log.read()
    except UndoError:
        return LogState()


def _tell_record(leftover: Leftover, told: list[tuple[str, dict[str, Any]]]) -> None:
    """The record, if it is still there, hears of it; a dead run's is finished and made readable."""
    folder = _record_of(leftover.header)
    if folder is None or not folder.is_dir() or not told:
        return
    from chaoslib_ext.record.record import Record

    try:
        with closing(Record.open(folder)) as record:
            for kind, data in told:
                record.append(kind, data, actor="hand")
        if not leftover.is_alive:
            close(folder)
        else:
            seal_anew(folder, "hand")  # it may have come to its end meanwhile
    except ExtError as error:  # the world is clean all the same
        _logger.warning("the record %s could not take it all: %s", folder, error)
