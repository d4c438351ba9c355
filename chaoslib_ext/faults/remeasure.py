"""After an undo the link is asked again: is the effect gone, too? Reading back says only what the server believes.

Only what was seen before can be seen to be gone. Everything is undone first, then measured, all links at once. Where
the effect is gone that takes a fraction of a second; where it seems to stay it is tried three times, because a machine
that is busy must not look like a fault that stayed.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from chaoslib_ext.clock import SYSTEM, Clock
from chaoslib_ext.errors import ExtError
from chaoslib_ext.model import Target, UndoResult
from chaoslib_ext.proxy import hold
from chaoslib_ext.proxy.client import Client
from chaoslib_ext.undo.signals import be_deaf

from .effects.method import Method
from .link import samples
from .measure import Before

__all__ = ["Watched", "remeasured"]

Watched = tuple[Target, Before]
"""A fault that was seen on its link, and the link as it was before."""

_TRIES = 3
_SAMPLES = 3
_PLAIN_MS = 100.0
"""A delay from which on it cannot be only the machine, if each of all the samples has it."""


def remeasured(
    results: Sequence[UndoResult], watched: Mapping[int, Watched], *, clock: Clock = SYSTEM
) -> list[UndoResult]:
    """The results, those of faults in `watched` (undo's id -> what was seen) with `measured` and `after`. Never
    raises."""
    work = [one for one in results if one.id in watched and one.verified]
    if not work:
        return list(results)
    try:
        with ThreadPoolExecutor(min(8, len(work)), initializer=be_deaf) as pool:
            found = dict(pool.map(lambda one: (one.id, _gone(*watched[one.id], clock)), work))
    except RuntimeError as error:  # the interpreter is ending and starts no threads any more
        found = {one.id: (None, {"why": str(error)}) for one in work}
    return [_with(one, *found[one.id]) if one.id in found else one for one in results]


def _with(result: UndoResult, measured: bool | None, after: dict[str, Any]) -> UndoResult:
    return result.model_copy(update={"measured": measured, "after": after})


def _gone(target: Target, start: Before, clock: Clock) -> tuple[bool | None, dict[str, Any]]:
    """Is the effect gone (None: it could not be told), and what was measured."""
    method, base, address = start.method, start.base, start.address
    if method is None or base is None or address is None:
        return None, {"why": "it was not measured before"}
    if method.waits_in_silence:
        return None, {"why": "it shows as silence, and hearing that it is over would take seconds"}
    seen: list[list[bool]] = []
    for tried in range(1, _TRIES + 1):
        taken = samples(address, [method.sampling(method.wait(base))] * _SAMPLES, clock=clock)
        seen.append([method.hit(one, base) for one in taken])
        told = {"samples": len(taken), "hits": sum(seen[-1]), "tries": tried, **method.numbers(taken, base)}
        if not any(seen[-1]):
            return True, told
    return _stays(target, method, base, seen, told)


def _stays(
    target: Target, method: Method, base: Any, seen: list[list[bool]], told: dict[str, Any]
) -> tuple[bool | None, dict[str, Any]]:
    if not all(all(one) for one in seen):
        return None, {**told, "why": "some connections look as with the fault, some do not"}
    if 0 < method.expected_ms(base) < _PLAIN_MS:
        return None, {**told, "why": "slower than before, but so little that it may be the machine"}
    others = _others(target)
    return (None, {**told, "why": others}) if others else (False, told)


def _others(target: Target) -> str | None:
    """What else disturbs this link now, so that nothing can be told; None when nothing does."""
    try:
        proxy = Client(target.server).proxy(target.proxy)
    except ExtError as error:
        return str(error)
    toxics = [one.name for one in proxy.toxics if one.name != hold.NAME]
    if toxics:
        return f"other toxics are on it: {', '.join(toxics)}"
    if (proxy.listen, proxy.upstream) != (target.listen, target.upstream):
        return f"the proxy was moved: it leads {proxy.listen} -> {proxy.upstream} by now"
    return None if proxy.enabled else "the proxy is disabled by now, not by this fault"
