"""The watchdog's mind: wait for the runner's death, its word, its silence, or the next deadline, and undo what is due.

It sees death by a pidfd (`man 2 pidfd_open`), at once and whoever else still holds the runner's pipes. It needs no
pydantic and no driver until there is something that may have to be undone.
"""

import logging
import os
import selectors
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from chaoslib_ext.clock import SYSTEM, Clock, boot_id
from chaoslib_ext.errors import UndoError

from .lease import Lease
from .lines import LogState
from .log import UndoLog
from .owner import Owner

if TYPE_CHECKING:
    from chaoslib_ext.model import UndoResult

    from .replay import OnResult, Undoers

__all__ = ["After", "Watchdog", "death_of"]

After = Callable[[UndoLog, "list[UndoResult]", bool], None]
"""Called after the runner's death with the results; True when it is the last call."""

_TICK = 0.5
"""Seconds between two looks while a deadline is pending (a poll's own timer does not count suspend)."""
_SETTLE = 0.25
"""Seconds after which a dead runner's targets are read once more: its last request may still have been on its way."""
_LATER = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0, 120.0)
"""Seconds between further attempts on what resisted after a death."""

_logger = logging.getLogger("chaostoolkit")


def death_of(owner: Owner) -> int | None:
    """A descriptor that becomes readable when this very process ends; None when it has ended already.

    The identity is checked after the descriptor is open, so a pid that was given away cannot fool it.
    """
    try:
        descriptor = os.pidfd_open(owner.pid)
    except ProcessLookupError:
        return None
    if owner.is_alive():
        return descriptor
    os.close(descriptor)
    return None


class Watchdog:
    """Watches one run. `undoers` is called, not imported: it loads the drivers when they may be needed."""

    def __init__(
        self,
        log: UndoLog,
        undoers: "Callable[[], Undoers]",
        *,
        control: int,
        on_result: "Callable[[str], OnResult]",
        after: After,
        on_lapse: Callable[[float], None] = lambda seconds: None,
        lease_s: float = 0.0,
        clock: Clock = SYSTEM,
    ) -> None:
        self._log = log
        self._undoers = undoers
        self._control: int | None = control
        self._on_result = on_result
        self._after = after
        self._on_lapse = on_lapse
        self._clock = clock
        self._boot = boot_id()
        self._lease = Lease(lease_s, clock)
        self._is_back = False

    def watch(self, death: int | None) -> None:
        """Stay until the run is closed, or its runner (`death`, see `death_of`) is dead and all is done."""
        while death is not None:
            seen = self._wait(death)
            if death in seen:
                break
            if self._control in seen and self._hear():
                return
            self._undo_due()
            self._mind_the_lease()
        state = self._state()
        if state and not state.closed:
            self._bury()

    def _wait(self, death: int) -> set[int]:
        with selectors.DefaultSelector() as selector:
            selector.register(death, selectors.EVENT_READ)
            if self._control is not None:
                selector.register(self._control, selectors.EVENT_READ)
            return {key.fd for key, _ in selector.select(self._next_look())}

    def _next_look(self) -> float | None:
        left = [seconds for _, seconds in self._deadlines()]
        looks = [min(max(min(left), 0.01), _TICK)] if left else []
        looks += [self._lease.beat] if self._lease.is_on else []
        looks += [_TICK] if self._control is None else []  # nobody tells any more of a new deadline
        return min(looks, default=None)

    def _deadlines(self) -> list[tuple[int, float]]:
        state = self._state()
        now = self._clock.boot()
        pairs = [(one.id, one.seconds_left(self._boot, now)) for one in (state.open if state else [])]
        return [(id, seconds) for id, seconds in pairs if seconds is not None]

    def _state(self) -> LogState | None:
        """The log now; None when it is gone (a run that never wrote an undo removes it)."""
        try:
            return self._log.read()
        except UndoError:
            return None

    def _hear(self) -> bool:
        """Take the runner's word: True when it says that the run is over and the log agrees."""
        said = os.read(self._control or 0, 4096)
        if not said:  # closed: no proof of death, only no more words
            self._control = None
            self._lease.stop()
        else:
            self._lease.renew()
        state = self._state()  # and keep it in mind: the file may be gone when it is needed
        if b"look" in said:
            self._undoers()  # load the drivers now: after a death there is no time for it
        if said and self._lease.has_lapsed:
            self._greet_who_is_back()
        return b"bye" in said and (state is None or state.closed)

    def _mind_the_lease(self) -> None:
        """Take the faults of a runner back that hangs. It may put no more in, should it wake up."""
        state = self._state()
        if state is None or not state.open:
            if self._lease.is_on:
                self._lease.renew()  # nothing of it is in the world, so nobody waits for its word
            return
        if not self._lease.look():
            return
        _logger.warning("no sign of life for %g s: its faults are taken back", self._lease.seconds)
        try:
            self._log.lapse()
        except UndoError as error:
            _logger.error("%s", error)
        self._replay("lease")
        self._on_lapse(self._lease.seconds)

    def _greet_who_is_back(self) -> None:
        """It hung, perhaps in the middle of a request, which may have landed behind our undo."""
        if not self._is_back:
            self._is_back = True
            self._settle(self._all())

    def _undo_due(self) -> None:
        due = [id for id, seconds in self._deadlines() if seconds <= 0]
        if due:
            failed = [result for result in self._replay("deadline", due) if result.status == "failed"]
            self._clock.sleep(_TICK if failed else 0)

    def _replay(self, reason: str, only: list[int] | None = None) -> "list[UndoResult]":
        from .replay import replay

        try:
            return replay(
                self._log,
                self._undoers(),
                only=only,
                by="watchdog",
                reason=reason,
                clock=self._clock,
                on_result=self._on_result(reason),
            )
        except UndoError as error:
            _logger.error("%s", error)
            return []

    def _bury(self) -> None:
        """The runner is dead: undo all, tell, look again, and stay with what resists for a few minutes."""
        state = self._state()
        ids = [one.id for one in state.open] if state else []
        results = self._replay("death")
        self._settle(self._all() if self._lease.has_lapsed else ids)
        for pause in _LATER:
            if self._is_clean():
                break
            self._after(self._log, results, False)
            self._clock.sleep(pause)
            results = self._replay("death")
        if self._is_clean():
            self._close()
        self._after(self._log, results, True)

    def _all(self) -> list[int]:
        state = self._state()
        return [one.id for one in state.intents] if state else []

    def _close(self) -> None:
        try:
            self._log.close()
        except UndoError as error:  # the world is clean, which counts; `chaos undo` will look at it once more
            _logger.error("%s", error)

    def _is_clean(self) -> bool:
        state = self._state()
        return state is None or not state.open

    def _settle(self, ids: list[int]) -> None:
        """Read the targets again: a request the runner sent with its last breath may have landed after our undo.

        Where several undos put the same thing back, all but the oldest led to a state between.
        """
        if not ids:
            return
        self._clock.sleep(_SETTLE)
        state = self._state() or LogState()
        seen: set[str] = set()
        for intent in state.intents:
            if intent.id in ids and intent.id in state.results:
                self._undo_again(intent.data["driver"], intent.data["op"], intent.args, seen)

    def _undo_again(self, driver: str, op: str, args: dict[str, Any], seen: set[str]) -> None:
        undoer = self._undoers()[driver][op]
        try:
            subject = undoer.subject(args)
            if subject in seen:
                return
            seen |= {subject} if subject else set()
            if not undoer.verify(args):
                _logger.warning("%s %s came back after its undo; undone again: %s", op, args, undoer.undo(args))
        except Exception as error:  # it was verified once; a server that vanished since has nothing to undo
            _logger.warning("could not read back %s %s a second time: %s", op, args, error)
