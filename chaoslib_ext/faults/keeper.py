"""The run's own look at its watchdog, twice a second: one that died or was stopped is replaced, and a deadline that it
missed is kept by the run itself.
"""

import logging
import threading
from typing import TYPE_CHECKING

from chaoslib_ext.clock import SYSTEM, boot_id
from chaoslib_ext.errors import ExtError
from chaoslib_ext.undo.presence import WATCHDOG, gives_signs, last_sign
from chaoslib_ext.undo.signals import be_deaf

if TYPE_CHECKING:
    from chaoslib_ext.undo.lines import Intent

    from .run import Run

__all__ = ["Keeper"]

_LOOK = 0.5
"""Seconds between two looks."""
_LATE, _LATE_BUT_ALIVE = 1.0, 3.0
"""Seconds that a fault may be on behind its deadline: with a watchdog that gives no sign of life, and with one that
does, which may have a server that hangs, or a machine that is busy.
"""
_SILENT = 1.5
"""Seconds without a sign of life, seen while this process ran itself, that make a watchdog a stopped one."""
_REPLACED = 20
"""How many watchdogs a run may lose, those that did not get ready included, before it is ended."""

_logger = logging.getLogger("chaostoolkit")


class Keeper:
    """Looks until the run is closed. The constructor raises RuntimeError when no thread is to be had."""

    def __init__(self, run: "Run") -> None:
        self._run = run
        self._late: dict[int, float] = {}
        self._silent_since: float | None = None
        self._lost = 0
        self._has_given_up = False
        threading.Thread(target=self._go_on, name="watchdog-keeper", daemon=True).start()

    def _go_on(self) -> None:
        be_deaf()
        while True:
            self._run.watchdog.wait(_LOOK)
            if not self._run.is_open:
                return
            for look in (self._keep_deadlines, self._keep_watchdog):
                try:
                    look()
                except Exception as error:  # the thread must go on
                    _logger.error("run %s: %s: %s", self._run.id, type(error).__name__, error)
            if not self._run.watchdog.is_alive():
                SYSTEM.sleep(_LOOK)

    def _keep_deadlines(self) -> None:
        """Undo what should be gone, and say of each fault that stayed for too long that it did."""
        now = SYSTEM.monotonic()
        if not (self._late or _overdue(self._run.log.known.open)):
            return
        overdue = _overdue(self._run.log.read().open)
        self._late = {id: self._late.get(id, now) for id in overdue}
        may = _LATE_BUT_ALIVE if gives_signs(self._run.log.path, WATCHDOG) else _LATE
        due = [id for id, since in self._late.items() if now - since >= may]
        if not due:
            return
        why = "" if may == _LATE_BUT_ALIVE else ": its watchdog did not answer, so the run took it out itself"
        for result in self._run.undo(due, "deadline", lock=_LATE):
            if result.status == "failed":
                self._late[result.id] = SYSTEM.monotonic()
        left = {one.id for one in self._run.log.read().open}
        for id in (one for one in due if one not in left):
            fault = overdue[id]
            del self._late[id]
            what, late = f"{fault.data.get('fault')} on {fault.args.get('proxy')}", _seconds_late(fault)
            says = f"{what} stayed {late:.1f} s longer than its duration{why}"
            self._run.overstayed.append(says)
            self._run.tell("fault.overstayed", {"undo": id, "says": says})
            _logger.warning("%s", says)

    def _keep_watchdog(self) -> None:
        run = self._run
        is_alive = run.watchdog.is_alive()
        if is_alive and not self._is_stopped():
            return
        if self._lost >= _REPLACED:
            self._give_up()
            return
        self._lost += 1
        says = (
            f"the watchdog (process {run.watchdog.pid}) {'was stopped' if is_alive else 'died'}, so another was started"
        )
        _logger.warning("run %s: %s", run.id, says)
        try:
            run.replace_watchdog()
            run.tell("watchdog.replaced", {"pid": run.watchdog.pid, "says": says})
        except ExtError as error:  # it died before it was ready, or the machine has no room for it: try again
            _logger.error("run %s has no watchdog, and starts another one: %s", run.id, error)

    def _is_stopped(self) -> bool:
        """True if it was ready and then gave no sign of life over several looks: this process may have slept itself."""
        now = SYSTEM.monotonic()
        if gives_signs(self._run.log.path, WATCHDOG) or last_sign(self._run.log.path, WATCHDOG) is None:
            self._silent_since = None
            return False
        self._silent_since = self._silent_since or now
        is_stopped = now - self._silent_since >= _SILENT
        if is_stopped:
            self._silent_since = None
        return is_stopped

    def _give_up(self) -> None:
        """A fault is never on without a second process that takes it out when this one dies: such a run is ended."""
        if not self._has_given_up and self._run.log.known.open:
            self._has_given_up = True
            self._run.on_unwatched(
                f"run {self._run.id} lost {_REPLACED} watchdogs and can have no other: if it died now, nothing would "
                "undo its faults"
            )


def _overdue(intents: "list[Intent]") -> "dict[int, Intent]":
    return {one.id: one for one in intents if _seconds_late(one) > 0}


def _seconds_late(intent: "Intent") -> float:
    left = intent.seconds_left(boot_id(), SYSTEM.boot())
    return 0.0 if left is None else -left
