"""The watchdog: wait for the runner's death, a message of it, a lapsed lease or a deadline, and undo what is due.

It sees death by a pidfd (`man 2 pidfd_open`), at once and whichever process still holds the runner's pipes. It needs no
pydantic and no driver until there is something that may have to be undone. It waits for no disk: what is to be undone
it knows from the runner's messages too, and what it did is written afterwards.
"""

import logging
import os
import selectors
from collections.abc import Callable
from typing import TYPE_CHECKING

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
_DISK = 0.5
"""Seconds that the disk of the undo log may take while faults are on."""
_WRITTEN_WITHIN = 120.0
"""Seconds that a dead runner's undo log is tried to be closed where its disk hangs; later `chaos undo` does it."""
_SERVERS = 4.0
"""Seconds to wait for servers before looking at other faults; what is under way there goes on."""
_LOCK = 1.0
"""Seconds to wait for the lock of a runner that is dead, silent or late."""
_LOCK_FOR_A_DEADLINE = 5.0
"""The same of one that goes on, and may be putting another fault in."""

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
        on_lapse: Callable[[str], None] = lambda why: None,
        make_room: Callable[[], None] = lambda: None,
        lease_s: float = 0.0,
        clock: Clock = SYSTEM,
    ) -> None:
        self._log = log
        self._undoers = undoers
        self._control: int | None = control
        self._on_result = on_result
        self._after = after
        self._on_lapse = on_lapse
        self._make_room = make_room
        self._clock = clock
        self._boot = boot_id()
        self._lease = Lease(lease_s, clock)
        self._is_back = False
        self._said = b""
        log.within = _DISK

    def watch(self, death: int | None) -> None:
        """Stay until the run is closed, or its runner (`death`, see `death_of`) is dead and all is done."""
        while death is not None:
            seen = self._wait(death)
            if death in seen or self._is_ending():
                break
            if self._control in seen and self._hear():
                return
            self._undo_due()
            self._mind_the_lease()
        state = self._state()
        if state and not state.closed:
            self._bury()

    def _wait(self, death: int) -> set[int]:
        with selectors.PollSelector() as selector:  # epoll would need a descriptor of its own
            selector.register(death, selectors.EVENT_READ)
            if self._control is not None:
                selector.register(self._control, selectors.EVENT_READ)
            return {key.fd for key, _ in selector.select(self._next_look())}

    def _next_look(self) -> float | None:
        left = [seconds for _, seconds in self._deadlines()]
        looks = [min(max(min(left), 0.01), _TICK)] if left else []
        looks += [self._lease.beat] if self._lease.is_on else []
        # nothing tells any more of a new deadline; or of a death that a hung disk delays
        looks += [_TICK] if self._control is None or self._has_open() else []
        return min(looks, default=None)

    def _deadlines(self) -> list[tuple[int, float]]:
        state = self._state()
        now = self._clock.boot()
        pairs = [(one.id, one.seconds_left(self._boot, now)) for one in (state.open if state else [])]
        return [(id, seconds) for id, seconds in pairs if seconds is not None]

    def _has_open(self) -> bool:
        state = self._state()
        return bool(state and state.open)

    def _is_ending(self) -> bool:
        """True if the runner was killed, or has ended, and only a thread of it that waits for a hung disk is left."""
        state = self._state()
        return bool(state and state.header and state.header.owner.is_ending())

    def _state(self) -> LogState | None:
        """The log now; None when it is gone (a run that never wrote an undo removes it)."""
        try:
            return self._log.read()
        except UndoError:
            return None

    def _hear(self) -> bool:
        """Take the runner's messages: True when it says that the run is over and the log agrees."""
        got = os.read(self._control or 0, 65536)
        if not got:  # closed: no proof of death, only no more words
            self._control = None
            self._lease.stop()
        else:
            self._lease.renew()
        *words, self._said = (self._said + got).split(b"\n")
        for word in words:
            self._take(word)
        state = self._state()  # and keep it in mind: the file may be gone when it is needed
        if got and self._lease.has_lapsed:
            self._greet_who_is_back()
        return b"bye" in words and (state is None or state.closed)

    def _take(self, word: bytes) -> None:
        if word.startswith(b"look"):
            self._undoers()  # load the drivers now: after a death there is no time for it
        if word.startswith(b"{"):
            self._log.learn(word)
            self._get_ready()
        elif word == b"stuck":
            self._take_back("it did not react to the signal that should end it")

    def _get_ready(self) -> None:
        from .replay import get_ready

        state = self._state()
        for server in state.servers if state else ():
            try:
                get_ready(server)
            except RuntimeError as error:  # then what is on there is undone by the thread that watches
                _logger.warning("no thread of its own for %s: %s", server, error)

    def _mind_the_lease(self) -> None:
        """Take the faults of a runner back that hangs. It may put no more in, should it wake up."""
        if not self._has_open():
            if self._lease.is_on:
                self._lease.renew()  # no open faults, so a missed heartbeat is harmless
            return
        if self._lease.look():
            self._take_back(f"it gave no sign of life for {self._lease.seconds:g} s")

    def _take_back(self, why: str) -> None:
        if not self._has_open():
            return
        _logger.warning("%s: its faults are taken back", why)
        self._lease.has_lapsed = True
        try:
            self._log.lapse(why)
        except UndoError as error:  # it is written with the results; undoing does not wait for it
            _logger.error("%s", error)
        self._replay("lease")
        self._on_lapse(why)

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
        from .replay import Patience, replay

        self._make_room()
        try:
            return replay(
                self._log,
                self._undoers(),
                only=only,
                by="watchdog",
                reason=reason,
                clock=self._clock,
                patience=Patience(_LOCK_FOR_A_DEADLINE if reason == "deadline" else _LOCK, _SERVERS),
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
        """Write that all is undone, waiting a while for a disk that hangs."""
        until = self._clock.monotonic() + _WRITTEN_WITHIN
        while True:
            try:
                self._log.close()
                return
            except UndoError as error:  # the world is clean, which counts; `chaos undo` will look at it once more
                if not isinstance(error.__cause__, TimeoutError) or self._clock.monotonic() > until:
                    _logger.error("%s", error)
                    return
            self._clock.sleep(_TICK)

    def _is_clean(self) -> bool:
        state = self._state()
        return state is None or not state.open

    def _settle(self, ids: list[int]) -> None:
        """Read the targets again: a request the runner sent with its last breath may have landed after our undo."""
        from .replay import look_again

        if not ids:
            return
        self._clock.sleep(_SETTLE)
        try:
            look_again(self._log, self._undoers(), ids, _SERVERS)
        except UndoError as error:
            _logger.error("%s", error)
