"""Guards: probes that are watched while faults are on. One that is not good for too long ends the run, at once.

They fail closed. What counts is the last *good* sample: a probe that fails, hangs, gives nonsense, or whose thread
died, is one without a good sample, and after `bad_for` that is the end of the run. Before the method begins each guard
must have given a good one, else nothing is injected. The end comes by the host's own graceful exit, sent from a thread:
it cuts a long activity or pause short (chaoslib/exit.py), and everything is undone as at any end.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from chaoslib_ext.clock import SYSTEM, Clock
from chaoslib_ext.errors import BadInput, did_you_mean
from chaoslib_ext.extension import Guard
from chaoslib_ext.undo.signals import be_deaf

from .sampling import Sample, sample

__all__ = ["Guards", "probes_of"]

_TICK = 0.05
_FIRST_WITHIN = 10.0
"""Seconds that a guard has for its first good sample, before the method."""

Note = Callable[[str, dict[str, Any]], None]


def probes_of(guards: Sequence[Guard], experiment: dict[str, Any]) -> list[dict[str, Any]]:
    """The host's probe of each guard. Raises BadInput for a `ref` that names none, or a probe the host refuses."""
    from chaoslib.activity import ensure_activity_is_valid
    from chaoslib.exceptions import ChaosException

    probes = []
    for guard in guards:
        probe = _probe_of(guard, experiment)
        try:
            ensure_activity_is_valid(probe)
        except ChaosException as error:
            raise BadInput(f'the guard "{guard.called}" cannot be used: {error}') from error
        probes.append(probe)
    return probes


def _probe_of(guard: Guard, experiment: dict[str, Any]) -> dict[str, Any]:
    if guard.ref is None:
        return {"type": "probe", "name": guard.called, "tolerance": guard.tolerance, "provider": guard.provider}
    hypothesis = experiment.get("steady-state-hypothesis") or {}
    known = {str(one.get("name")): one for one in hypothesis.get("probes") or []}
    if guard.ref not in known:
        raise BadInput(
            f'a guard refers to "{guard.ref}", which no probe of the hypothesis is{did_you_mean(guard.ref, known)}'
        )
    return dict(known[guard.ref])


@dataclass
class _Watched:
    """One guard while it is on. `good_at` is on the monotonic clock, None before the first good sample."""

    guard: Guard
    take: Callable[[], Sample]
    good_at: float | None = None
    longest: float = 0.0
    last: str = "it has not answered yet"
    first: threading.Event = field(default_factory=threading.Event)

    def is_bad(self, now: float) -> bool:
        """Is its last good sample too old? A good one may come as late as a pause and the longest good one took."""
        since = now - (self.good_at if self.good_at is not None else now)
        return since > self.guard.bad_for + self.guard.every + self.longest


class Guards:
    """All guards of one run. `trip` is called once, from a thread of theirs, with the reason in words."""

    def __init__(
        self,
        guards: Sequence[Guard],
        experiment: dict[str, Any],
        configuration: Any,
        secrets: Any,
        *,
        note: Note,
        trip: Callable[[str], None],
        clock: Clock = SYSTEM,
    ) -> None:
        """Raises BadInput for a guard that cannot be used."""
        self._watched = [
            _Watched(guard, _taker(probe, configuration, secrets))
            for guard, probe in zip(guards, probes_of(guards, experiment), strict=True)
        ]
        self._note = note
        self._trip = trip
        self._clock = clock
        self._over = threading.Event()

    def begin(self) -> str | None:
        """Start them all; None when each gave a good sample in time, else why the method may not begin."""
        try:
            return self._begin()
        except RuntimeError as error:  # no thread is to be had; raised on, Chaos Toolkit would go on without guards
            self.end()
            return f"the guards cannot look: {error}; nothing was injected"

    def _begin(self) -> str | None:
        for one in self._watched:
            threading.Thread(target=self._sample, args=(one,), name=f"guard {one.guard.called}", daemon=True).start()
        until = self._clock.monotonic() + _FIRST_WITHIN
        for one in self._watched:
            if not one.first.wait(max(until - self._clock.monotonic(), 0.0)) or one.good_at is None:
                self.end()
                return (
                    f'the guard "{one.guard.called}" was not good before the method: {one.last}; nothing was injected'
                )
        if self._watched:
            threading.Thread(target=self._judge, name="guards", daemon=True).start()
        return None

    def end(self) -> None:
        """No more samples, and no more tripping."""
        self._over.set()

    def _sample(self, one: _Watched) -> None:
        while not self._over.is_set():
            began = self._clock.monotonic()
            one.last = one.take().missed
            ended = self._clock.monotonic()
            if not one.last:
                one.good_at, one.longest = ended, max(one.longest, ended - began)
            self._note("guard.sampled", {"guard": one.guard.called, "good": not one.last, "missed": one.last or None})
            one.first.set()
            self._over.wait(one.guard.every)

    def _judge(self) -> None:
        be_deaf()
        while not self._over.wait(_TICK):
            now = self._clock.monotonic()
            for one in self._watched:
                if one.is_bad(now):
                    self.end()
                    self._trip(_says(one, now))
                    return


def _says(one: _Watched, now: float) -> str:
    since = now - (one.good_at or now)
    return f'the guard "{one.guard.called}" was not good for {since:.1f} s: {one.last or "it does not answer any more"}'


def _taker(probe: dict[str, Any], configuration: Any, secrets: Any) -> Callable[[], Sample]:
    return lambda: sample([probe], configuration, secrets)
