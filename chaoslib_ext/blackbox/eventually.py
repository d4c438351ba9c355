"""Asks again and again until the answer is as it should be, and stays so; and tells what was seen on the way."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from chaoslib_ext.clock import SYSTEM, Clock
from chaoslib_ext.errors import BadInput, ProbeError

from .bounded import bounded

__all__ = ["Patience", "Seen", "eventually"]

_TICK = 0.1  # the host ends a background activity by an exception that comes between two steps, not during a sleep
_KEPT = 100  # changes; of what flaps more often only the first and the last are told


@dataclass(frozen=True)
class Patience:
    """Seconds: `within` for all of it, `every` from the start of one look to the next, `stable_for` it must stay so."""

    within: float
    every: float
    stable_for: float = 0.0

    def __post_init__(self) -> None:
        if self.stable_for >= self.within:
            raise BadInput(f"stable_for must be shorter than within: {self.stable_for:g} s of {self.within:g} s")
        if self.every >= self.within:
            raise BadInput(f"every must be shorter than within: {self.every:g} s of {self.within:g} s")


@dataclass
class _Look:
    """Consecutive looks with the same outcome: from when, how many."""

    at: float
    value: Any = None
    problem: str | None = None
    looks: int = 1

    def same(self, other: "_Look") -> bool:
        return (self.value, self.problem) == (other.value, other.problem)

    def as_json(self) -> dict[str, Any]:
        outcome = {"value": self.value} if self.problem is None else {"problem": self.problem}
        return {"at_ms": round(self.at * 1000), **outcome, "looks": self.looks}


@dataclass
class Seen:
    """What was seen. `since` is when it became as it should be, the last time; None while it is not."""

    looks: list[_Look] = field(default_factory=list)
    count: int = 0
    unmeasured: int = 0
    since: float | None = None
    now: float = 0.0

    def note(self, look: _Look, is_good: bool, ended: float) -> None:
        """One look more."""
        self.count += 1
        self.unmeasured += look.problem is not None
        self.now = ended
        if not is_good:
            self.since = None
        elif self.since is None:
            self.since = ended
        if self.looks and self.looks[-1].same(look):
            self.looks[-1].looks += 1
        else:
            self.looks.append(look)

    def told(self) -> list[dict[str, Any]]:
        """Each change, in order."""
        half = _KEPT // 2
        kept = self.looks if len(self.looks) <= _KEPT else [*self.looks[:half], *self.looks[-half:]]
        return [look.as_json() for look in kept]


def eventually(
    ask: Callable[[], Any], is_good: Callable[[Any], bool], patience: Patience, clock: Clock = SYSTEM
) -> tuple[bool, Seen]:
    """Did it become good, and stay so, in time? And what was seen.

    A look that could not be taken is a look that was not good; BadInput ends it, as it would come again. Raises
    ProbeError when no look at all could be taken.
    """
    seen, began = Seen(), clock.monotonic()
    while (start := clock.monotonic() - began) < patience.within:
        look = _look(ask, start, patience.within - start, clock)
        ended = clock.monotonic() - began
        seen.note(look, look.problem is None and is_good(look.value), ended)
        if seen.since is not None and ended - seen.since >= patience.stable_for and ended <= patience.within:
            return True, seen
        next_look = (ended // patience.every + 1) * patience.every
        _sleep(min(next_look, patience.within) - ended, clock)
    if seen.unmeasured == seen.count:
        last = seen.looks[-1].problem
        raise ProbeError(f"none of {seen.count} looks in {patience.within:g} s could be taken; the last: {last}")
    return False, seen


def _look(ask: Callable[[], Any], at: float, left: float, clock: Clock) -> _Look:
    late = f"the look was not over when the time for all of them was, {left:g} s later"
    try:
        return _Look(at, value=bounded(ask, left, late, clock=clock))
    except BadInput:
        raise
    except Exception as error:  # a user's own probe may raise anything; it is told
        return _Look(at, problem=f"{type(error).__name__}: {error}")


def _sleep(seconds: float, clock: Clock) -> None:
    until = clock.monotonic() + seconds
    while (left := until - clock.monotonic()) > 0:
        clock.sleep(min(left, _TICK))
