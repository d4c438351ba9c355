"""A run that stands still: its process lives, but was stopped, and so was its watchdog (`docker pause`).

Then neither keeps a deadline or the lease, so the next command does it. A watchdog alone that was stopped is replaced
by its runner.
"""

from chaoslib_ext.clock import SYSTEM, Clock, boot_id
from chaoslib_ext.errors import UndoError
from chaoslib_ext.undo.presence import RUNNER, is_unwatched, silent_for

from .leftovers import Leftover, Undone, undone

__all__ = ["brought_to_its_end"]

_LATE = 1.0
"""Seconds that a living watchdog may be late, on a machine that is busy."""


def brought_to_its_end(one: Leftover, clock: Clock = SYSTEM) -> Undone | None:
    """Undo what is overdue of a run that is alive and that no watchdog is at: all of it behind its lease, else what its
    deadlines say. None when nothing is.
    """
    lease = one.header.lease_s
    has_lapsed = bool(lease) and silent_for(one.log.path, RUNNER) > lease
    late = [id for id, seconds in one.seconds_late(boot_id(), clock.boot()) if seconds > _LATE]
    if not (has_lapsed or late) or not is_unwatched(one.log.path):
        return None
    if not has_lapsed or silent_for(one.log.path, RUNNER) <= lease:  # it slept with the machine, and is awake now
        return undone(one, reason="deadline", pauses=(), only=late) if late else None
    try:
        one.log.lapse(f"it gave no sign of life for {lease:g} s", clock)
    except UndoError as error:
        return Undone(one, (), str(error))
    return undone(one, reason="lease", pauses=())
