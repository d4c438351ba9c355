"""A link that flaps: down and up again, several times. Each cut goes through the door, with a way back of its own."""

from typing import Any

from chaoslib_ext.clock import SYSTEM, Clock
from chaoslib_ext.errors import BadAttribute
from chaoslib_ext.model import parse_duration

from . import rehearsal, take_back
from .inject import inject
from .proxy_down import ProxyDown

__all__ = ["flap"]

_GRACE_S = 2.0
_MOST = 100


def flap(proxy: str | list[str], down_for: str | float, up_for: str | float, times: int, clock: Clock = SYSTEM) -> Any:
    """Take `proxy` down for `down_for` and let it listen for `up_for`, `times` times; returns when it listens again.

    Raises BadAttribute, and what the door raises; what is down then is undone as any fault is.
    """
    down, up = _seconds("down_for", down_for), _seconds("up_for", up_for)
    if isinstance(times, bool) or not isinstance(times, int) or not 1 <= times <= _MOST:
        raise BadAttribute(f"times must be a whole number from 1 to {_MOST}, not {times!r}")
    # a little more than the cut is to last: should this process hang, the watchdog lets it listen again
    fault = ProxyDown.of(proxy=proxy, duration=down + _GRACE_S, times=times, up_for=up)
    told: dict[str, Any] = {"run": "", "faults": [], "undone": []}
    for turn in range(times):
        cut = inject(fault, clock=clock).as_json()
        if rehearsal.is_on():
            return cut
        clock.sleep(down)
        back = take_back.proxies(proxy)
        told = {"run": cut["run"], "faults": told["faults"] + cut["faults"], "undone": told["undone"] + back["undone"]}
        if turn + 1 < times:
            clock.sleep(up)
    return told


def _seconds(name: str, value: str | float) -> float:
    try:
        seconds = parse_duration(value)
    except ValueError as error:
        raise BadAttribute(f"{name}: {error}") from None
    if seconds > 3600:
        raise BadAttribute(f"{name} must be at most an hour, not {value!r}")
    return seconds
