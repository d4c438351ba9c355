"""Stop the runs that are under way: ask each to end, which undoes it, and undo what one leaves after a few seconds."""

import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from chaoslib_ext.clock import SYSTEM, Clock
from chaoslib_ext.descriptors import is_readable
from chaoslib_ext.errors import UndoError
from chaoslib_ext.model import UndoResult
from chaoslib_ext.server_name import same_server
from chaoslib_ext.undo.lines import Header, LogState
from chaoslib_ext.undo.log import UndoLog, logs
from chaoslib_ext.undo.owner import Owner
from chaoslib_ext.undo.watchdog import death_of

from .leftovers import Leftover, undone
from .told import of_faults

__all__ = ["PATIENCE", "Stopped", "stop_all"]

PATIENCE = 5.0
"""Seconds that the runs have, together, to end and undo themselves."""

_TICK = 0.02


@dataclass
class Stopped:
    """One run that was under way, and what became of it."""

    header: Header
    where: str = ""
    """As `Leftover.where`."""
    pid: int | None = None
    """Its process, where whoever reads this could end it; None in another container."""
    results: list[UndoResult] = field(default_factory=list)
    ended: bool = False
    problem: str | None = None

    @property
    def is_clean(self) -> bool:
        """Is nothing of it left?"""
        return self.problem is None and all(one.status != "failed" for one in self.results)

    def as_json(self) -> dict[str, Any]:
        """For `--json`."""
        head = self.header
        results = [one.model_dump(mode="json") for one in self.results]
        return {
            "run": head.run,
            "title": head.title,
            "by": head.by,
            "pid": self.pid,
            "where": self.where,
            "ended": self.ended,
            "clean": self.is_clean,
            "results": results,
            "problem": self.problem,
        }


@dataclass
class _Running:
    """A run whose process lives. `death` becomes readable when it ends; None for one that cannot be asked: the calling
    process, or one in another container.
    """

    log: UndoLog
    header: Header
    before: frozenset[int]
    death: int | None
    where: str

    def has_ended(self) -> bool:
        if self.death is None:
            return not self.log.is_alive(self.header)
        return is_readable(self.death, within=0)

    def is_over(self) -> bool:
        """Is there nothing more to wait for?"""
        return self.death is None or (self.has_ended() and not self.is_open())

    def is_open(self) -> bool:
        state = self.state()
        return state is not None and bool(state.open)

    def state(self) -> LogState | None:
        """The log now; None when it is gone, as that of a run without a fault is in the end."""
        try:
            return self.log.read()
        except UndoError:
            return None

    def ask_to_end(self) -> None:
        if self.death is not None:
            try:
                signal.pidfd_send_signal(self.death, signal.SIGTERM)
            except ProcessLookupError:
                pass  # it ended by itself this moment


def stop_all(
    patience: float = PATIENCE, clock: Clock = SYSTEM, *, on: str | None = None
) -> tuple[list[Stopped], list[str]]:
    """End and undo every run of this user on this machine that is under way; and what could not be read.

    `on`: only the runs with a fault on that Toxiproxy server, by its URL.

    Whoever calls has seen to it that no fault goes in any more: what was about to is waited for, and undone.
    """
    unreadable: list[str] = []
    running = list(_running(unreadable, on))
    try:
        for one in running:
            one.ask_to_end()
        until = clock.monotonic() + patience
        while clock.monotonic() < until and not all(one.is_over() for one in running):
            clock.sleep(_TICK)
        return [_finished(one) for one in running], unreadable
    finally:
        for one in running:
            if one.death is not None:
                os.close(one.death)


def _running(unreadable: list[str], on: str | None) -> Iterator[_Running]:
    for log in logs():
        try:
            state = log.read()
        except UndoError as error:
            if not isinstance(error.__cause__, FileNotFoundError):  # else its run ended this moment
                unreadable.append(str(error))
            continue
        if state.header is None or state.closed:
            continue
        if on is not None and not any(same_server(str(one.args.get("server")), on) for one in state.open):
            continue
        owner = state.header.owner
        death = None if owner == Owner.this() else death_of(owner)
        if death is not None or log.is_alive(state.header):  # alive, but not by its pid: in another container
            yield _Running(log, state.header, frozenset(state.results), death, Leftover.of(log, state).where)


def _finished(one: _Running) -> Stopped:
    """What the run itself or its watchdog undid, and what we undo of it now."""
    pid = one.header.owner.pid if one.where.startswith("process") else None
    stopped = Stopped(one.header, one.where, pid, ended=one.has_ended())
    by_hand = None
    if one.is_open() or not stopped.ended:  # a living run may be about to put something in: undoing waits for that
        state = one.state()
        by_hand = undone(Leftover(one.log, one.header, tuple(state.open) if state else (), not stopped.ended))
        stopped.problem = by_hand.problem
    state = one.state()
    told = [line["result"] for id, line in state.results.items() if id not in one.before] if state else []
    results = [UndoResult.model_validate(result) for result in told]
    stopped.results = of_faults(results, state) if state else results
    stopped.results += [result for result in by_hand.results if result.status == "failed"] if by_hand else []
    return stopped
