"""Replay: take back what a log says is open. Last in, first out; idempotent; bounded; each undo read back.

"Already gone" is success: a restarted server or a vanished proxy leaves nothing to undo. What fails stays open in the
log, so that the next one (watchdog, `chaos undo`) tries again.
"""

import logging
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from chaoslib_ext.clock import SYSTEM, Clock
from chaoslib_ext.errors import ExtError, UndoGivenUp, UndoNotDurable
from chaoslib_ext.model import UndoResult

from .lines import Intent, LogState
from .log import UndoLog

__all__ = ["PAUSES", "Undoer", "Undoers", "replay"]

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


@dataclass
class _Pass:
    log: UndoLog
    undoers: Undoers
    by: str
    reason: str
    clock: Clock
    pauses: tuple[float, ...]
    on_result: OnResult | None


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
    on_result: OnResult | None = None,
) -> list[UndoResult]:
    """Undo what is open in `log` (only the ids named, if any are), under the run's lock; the results in that order.
    `again`: also what was undone before, in case it came back.

    Never raises for a target that resists: its result says "failed" with the command to type. `on_result` is called
    after each, with the lock held. Raises UndoTooNew for a log of a newer schema, UndoError when the log cannot
    be read or its lock is not to be had.
    """
    this = _Pass(log, undoers, by, reason, clock, pauses, on_result)
    silent: set[str] = set()
    with log.undoing(clock):
        state = log.read()
        intents = state.intents if again else state.open
        todo = [one for one in reversed(intents) if only is None or one.id in only]
        return [_one(this, state, intent, silent) for intent in todo]


def _one(this: _Pass, state: LogState, intent: Intent, silent: set[str]) -> UndoResult:
    """Undo one; a server that stayed silent once in this pass gets only one try for the rest of it."""
    start = this.clock.monotonic()
    server = str(intent.args.get("server"))
    if intent.is_too_new or state.knows_server(intent):
        status, error = _tried(this, intent, () if server in silent else this.pauses)
    else:
        status, error = "failed", f"the log does not say that the run ever spoke to {server}; nothing was sent there"
    is_final = status != "failed"
    if not is_final:
        silent.add(server)
    result = UndoResult(
        id=intent.id,
        says=intent.says,
        status="failed" if status == "given up" else status,
        verified=status not in ("failed", "given up"),
        error=error,
        by_hand=None if is_final else intent.by_hand,
        seconds=round(this.clock.monotonic() - start, 4),
    )
    _write_down(this, intent, result, is_final)
    return result


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


def _write_down(this: _Pass, intent: Intent, result: UndoResult, is_final: bool) -> None:
    if is_final:
        try:
            this.log.resolve(result, by=this.by, reason=this.reason)
        except UndoNotDurable as error:  # the target is clean, which counts; the log will be replayed once more
            _logger.warning("%s; %s is done all the same", error, result.says)
    if this.on_result:
        this.on_result(intent, result)
