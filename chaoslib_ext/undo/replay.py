"""Replay: take back what a log says is open. Last in, first out; idempotent; bounded; each undo read back.

"Already gone" is success: a restarted server or a vanished proxy leaves nothing to undo. What fails stays open in the
log, so that the next one (watchdog, `chaos undo`) tries again.
"""

import logging
import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal, Protocol

from chaoslib_ext.clock import SYSTEM, Clock
from chaoslib_ext.errors import ExtError, UndoGivenUp, UndoNotDurable
from chaoslib_ext.model import UndoResult
from chaoslib_ext.worker import Worker

from .lines import Intent, LogState
from .log import UndoLog

__all__ = ["PAUSES", "Patience", "Undoer", "Undoers", "get_ready", "look_again", "replay"]

PAUSES = (0.1, 0.4)
"""Seconds between the tries of one undo; one try more than pauses."""

_logger = logging.getLogger("chaostoolkit")


class Undoer(Protocol):
    """One undo operation of a driver. It must not touch anything its arguments do not name."""

    def undo(self, args: dict[str, Any], /) -> Literal["undone", "already gone"]:
        """Take it back; "already gone" when there is nothing to take back. Raises ExtError."""

    def verify(self, args: dict[str, Any], /) -> bool:
        """Read the target back: is every trace of the fault gone? Raises ExtError when it cannot be read."""

    def subject(self, args: dict[str, Any], /) -> str | None:
        """What it puts back as a whole into the state before: of several undos of it, the oldest has the last word.
        None when it takes away one thing, and nothing else.
        """


Undoers = Mapping[str, Mapping[str, Undoer]]
"""Driver -> operation -> Undoer: the closed list of what may be undone."""

OnResult = Callable[[Intent, UndoResult], None]


@dataclass(frozen=True)
class Patience:
    """Seconds to wait: for another process that undoes the same run, and for all servers together."""

    lock: float = math.inf
    servers: float = 60.0


PATIENCE = Patience()


@dataclass
class _Pass:
    log: UndoLog
    undoers: Undoers
    clock: Clock
    pauses: tuple[float, ...]


def replay(
    log: UndoLog,
    undoers: Undoers,
    *,
    only: Collection[int] | None = None,
    again: bool = False,
    by: str = "runner",
    reason: str = "end",
    clock: Clock = SYSTEM,
    pauses: tuple[float, ...] = PAUSES,
    patience: Patience = PATIENCE,
    on_result: OnResult | None = None,
) -> list[UndoResult]:
    """Undo what is open in `log` (only the ids named, if any are), under the run's lock; the results in that order.
    `again`: also what was undone before, in case it came back.

    All is undone before anything is written or told; the servers are undone at the same time, so that one that hangs
    delays no other. Never raises for a target that resists: its result says "failed" with the command to type.
    `on_result` is called for each in the end; what it raises is logged. Raises UndoTooNew for a log of a newer schema,
    UndoError when the log cannot be read or its lock is not to be had.
    """
    this = _Pass(log, undoers, clock, pauses)
    with log.undoing(clock, patience.lock):
        state = log.read()
        intents = state.intents if again else state.open
        todo = [one for one in reversed(intents) if only is None or one.id in only]
        results = _all(this, state, todo, patience.servers)
        final = [one.result for one in results if one.is_final]
        if final:
            try:
                log.resolve(*final, by=by, reason=reason)
            except UndoNotDurable as error:  # the targets are clean, which counts
                _logger.warning("%s; done: %s", error, "; ".join(one.says for one in final))
    for one in results:
        _tell(one, on_result)
    return [one.result for one in results]


def _tell(one: "_Done", on_result: OnResult | None) -> None:
    try:
        if on_result:
            on_result(one.intent, one.result)
    except Exception as error:  # all is undone, and the others are to be told too
        _logger.warning("could not tell of %s: %s: %s", one.result.says, type(error).__name__, error)


@dataclass(frozen=True)
class _Done:
    intent: Intent
    result: UndoResult
    is_final: bool


def _all(this: _Pass, state: LogState, todo: list[Intent], within: float) -> list[_Done]:
    """Undo them: those of each server in their order, the servers at once; then what no server has to do with."""
    done: dict[int, _Done] = {}
    of_server: dict[str, list[Intent]] = {}
    for intent in todo:
        if intent.data["driver"] == "proxy":
            of_server.setdefault(str(intent.args.get("server")), []).append(intent)
    until = this.clock.monotonic() + within
    begun = [
        (server, intents, _worker(server).later(partial(_each, this, state, intents, done)))
        for server, intents in of_server.items()
        if not _worker(server).is_stuck
    ]
    for _, _, call in begun:
        if not call.wait(until - this.clock.monotonic()):
            call.is_late = True
    _each(this, state, [one for one in todo if one.data["driver"] != "proxy"], done)
    return [done.get(one.id) or _unanswered(one, within) for one in todo]


def _each(this: _Pass, state: LogState, intents: list[Intent], done: "dict[int, _Done]") -> None:
    has_failed = False
    for intent in intents:
        if intent.id not in done:
            done[intent.id] = _one(this, state, intent, () if has_failed else this.pauses)
        has_failed = has_failed or not done[intent.id].is_final


_workers: dict[str, Worker] = {}


def get_ready(server: str) -> None:
    """Start the thread that will undo on that server, while threads are to be had. Raises RuntimeError."""
    _worker(server).start()


def _worker(server: str) -> Worker:
    return _workers.setdefault(server, Worker(f"undo on {server}"))


def _one(this: _Pass, state: LogState, intent: Intent, pauses: tuple[float, ...]) -> _Done:
    """Undo one; `pauses`: a server that has failed once in this pass gets only one try for the rest of it."""
    start = this.clock.monotonic()
    if intent.is_too_new or state.knows_server(intent):
        status, error = _tried(this, intent, pauses)
    else:
        server = intent.args.get("server")
        status, error = "failed", f"the log does not say that the run ever spoke to {server}; nothing was sent there"
    is_final = status != "failed"
    result = UndoResult(
        id=intent.id,
        says=intent.says,
        status="failed" if status == "given up" else status,
        verified=status not in ("failed", "given up"),
        error=error,
        by_hand=None if is_final else intent.by_hand,
        seconds=round(this.clock.monotonic() - start, 4),
    )
    return _Done(intent, result, is_final)


def _unanswered(intent: Intent, within: float) -> _Done:
    error = f"its server has not answered within {within:g} s, and is waited for"
    result = UndoResult(
        id=intent.id, says=intent.says, status="failed", verified=False, error=error, by_hand=intent.by_hand
    )
    return _Done(intent, result, is_final=False)


def look_again(log: UndoLog, undoers: Undoers, ids: Collection[int], within: float) -> None:
    """Read the targets of these undos once more, and undo what came back: a request may have landed behind its undo.

    Where several undos put the same thing back, all but the oldest led to a state between. Never raises.
    """
    state = log.read()
    seen: set[str] = set()
    calls = []
    for intent in state.intents:
        if intent.id in ids and intent.id in state.results and intent.data["driver"] in undoers:
            worker = _worker(str(intent.args.get("server")))
            if not worker.is_stuck:
                calls.append(worker.later(partial(_look_again, undoers, intent, seen)))
    until = SYSTEM.monotonic() + within
    for call in calls:
        call.is_late = not call.wait(until - SYSTEM.monotonic())


def _look_again(undoers: Undoers, intent: Intent, seen: set[str]) -> None:
    driver, op, args = intent.data["driver"], intent.data["op"], intent.args
    try:
        undoer = undoers[driver][op]
        subject = undoer.subject(args)
        if subject in seen:
            return
        seen |= {subject} if subject else set()
        if not undoer.verify(args):
            _logger.warning("%s %s came back after its undo; undone again: %s", op, args, undoer.undo(args))
    except Exception as error:  # it was verified once; a server that vanished since has nothing to undo
        _logger.warning("could not read back %s %s a second time: %s", op, args, error)


def _tried(
    this: _Pass, intent: Intent, pauses: tuple[float, ...]
) -> tuple[Literal["undone", "already gone", "failed", "given up"], str | None]:
    if intent.is_too_new:
        return "failed", "written by a newer version of chaostoolkit-ext, left alone"
    undoer = this.undoers.get(intent.data["driver"], {}).get(intent.data["op"])
    if undoer is None:
        return "failed", f"no operation {intent.data['driver']}.{intent.data['op']} is known here"
    error = ""
    for pause in (0.0, *pauses):
        this.clock.sleep(pause)
        try:
            status = undoer.undo(intent.args)
            if undoer.verify(intent.args):
                return status, None
            error = "read back after the undo, the target still shows the fault"
        except UndoGivenUp as final:
            return "given up", str(final)
        except Exception as caught:  # whatever went wrong with one undo, the others must still be tried
            error = str(caught) if isinstance(caught, ExtError) else f"{type(caught).__name__}: {caught}"
    return "failed", error
