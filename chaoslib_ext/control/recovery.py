"""Once everything is undone: the steady state is sampled until it is back and stays, or until its time is over.

A fault that is gone is not yet a system that is well. The answer has its own place in the record (`recovery`), and
a system that does not come back makes the run *deviated*.
"""

import threading
from collections.abc import Callable, Sequence
from typing import Any

from chaoslib_ext.clock import SYSTEM, Clock
from chaoslib_ext.extension import Recovery

from .sampling import Sample

__all__ = ["prove"]

_TICK = 0.05


def prove(
    take: Callable[[], Sample],
    asked: Recovery,
    *,
    note: Callable[[str, dict[str, Any]], None],
    came: Sequence[str] = (),
    clock: Clock = SYSTEM,
) -> dict[str, Any]:
    """Sample by `take` until `asked.in_a_row` samples are good, or `asked.at_most` is over.

    A row that began in time may end later. `came` fills with the names of signals: one ends the waiting. Gives what
    `record.recovery` describes; `seconds` is the time from the undo to the first sample of the good row.
    """
    start, row, count, back_after = clock.monotonic(), 0, 0, 0.0
    while True:
        began = clock.monotonic() - start
        found = _bounded(take, asked.at_most - began, came, clock)
        count += 1
        note("recovery.sampled", {"n": count, "met": found.is_good, "missed": found.missed or None})
        row = row + 1 if found.is_good else 0
        back_after = began if row == 1 else back_after
        told = {"samples": count, "at_most_s": asked.at_most}
        if row >= asked.in_a_row:
            return {"state": "back", "seconds": round(back_after, 3), **told}
        if came:
            return {"state": "cut short", "why": f"ended by {', '.join(came)}", **told}
        if not row and clock.monotonic() - start + asked.every > asked.at_most:
            return {"state": "not back", "missed": found.missed, **told}
        _pause(asked.every, came, clock)


def _bounded(take: Callable[[], Sample], within: float, came: Sequence[str], clock: Clock) -> Sample:
    """A sample from a thread of its own: a probe without a time limit must not hold up the end of a run."""
    found: list[Sample] = []
    thread = threading.Thread(target=lambda: found.append(take()), name="recovery", daemon=True)
    try:
        thread.start()
    except RuntimeError as error:
        return Sample(f"it could not be asked: {error}")
    until = clock.monotonic() + max(within, 1.0)
    while thread.is_alive() and clock.monotonic() < until and not came:
        thread.join(_TICK)
    return found[0] if found else Sample("no answer in time")


def _pause(seconds: float, came: Sequence[str], clock: Clock) -> None:
    until = clock.monotonic() + seconds
    while clock.monotonic() < until and not came:
        clock.sleep(min(_TICK, seconds))
