"""How strong a link feels a fault together with what else is on it, in the words of `at_most` and `at_least`. Pure.

What a kind of fault does not have is not asked of it. Of what it has, each other fault on the link counts that has it
too.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from math import inf, prod

__all__ = ["OnLink", "at_least", "at_most"]


@dataclass(frozen=True)
class OnLink:
    """Another fault that is on the link, or will be by then: its kind, and its settings by our names."""

    kind: str
    settings: Mapping[str, float]


def _shares(values: Iterable[float]) -> float:
    """The share of connections that at least one of them hits."""
    return round(1 - prod(1 - value for value in values), 6)


_TOGETHER: dict[str, Callable[[list[float]], float]] = {
    "toxicity": _shares,
    "latency_ms": sum,
    "jitter_ms": sum,
    "delay_ms": sum,
    "delay_us": sum,
    "timeout_ms": max,  # a connection may be hit by the longest alone
}


def at_most(fault: OnLink, others: Iterable[OnLink]) -> dict[str, float]:
    """What may not be more than a limit."""
    return _felt(fault, others, _TOGETHER)


def at_least(fault: OnLink, others: Iterable[OnLink]) -> dict[str, float]:
    """What may not be less than a limit: of each the least counts."""
    return _felt(fault, others, {})


def _felt(
    fault: OnLink, others: Iterable[OnLink], together: Mapping[str, Callable[[list[float]], float]]
) -> dict[str, float]:
    mine, theirs = _alone(fault), [_alone(one) for one in others]
    found = {}
    for name, value in mine.items():
        values = [value, *(one[name] for one in theirs if name in one)]
        found[name] = value if len(values) == 1 else together.get(name, min)(values)
    return found


def _alone(fault: OnLink) -> dict[str, float]:
    found = {"toxicity": 1.0, **fault.settings}
    if "latency_ms" in found:
        found["latency_ms"] += found.get("jitter_ms", 0)
    if fault.kind == "timeout" and not found.get("timeout_ms"):
        found["timeout_ms"] = inf
    return found
