"""How long a run may last, as far as its file says: pauses, timeouts, faults that keep their activity busy."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module
from inspect import signature
from math import isfinite
from typing import Any

from chaoslib_ext.faults.faces import is_ours
from chaoslib_ext.model import parse_duration

from .steps import Step

__all__ = ["Length", "length"]


@dataclass(frozen=True)
class Length:
    """`known_s` seconds are written down; `unbounded` activities may last as long as they like."""

    known_s: float
    unbounded: tuple[str, ...]


def length(steps: Iterable[Step], configuration: Mapping[str, Any], *, busy: Mapping[str, float]) -> Length:
    """Of the whole run. The steady state is asked twice. `busy`: seconds by name of activities of ours that take time;
    those of ours that are not in it take none worth counting.
    """
    known, unbounded = 0.0, []
    for step in steps:
        times = 2 if step.part == "steady-state-hypothesis" else 1
        pauses = step.activity.get("pauses")
        pauses = pauses if isinstance(pauses, Mapping) else {}
        known += times * sum(_seconds(pauses.get(when), configuration) or 0.0 for when in ("before", "after"))
        lasts = busy.get(step.name, _timeout(step, configuration))
        if step.activity.get("background"):
            lasts = lasts if lasts is None else 0.0  # what comes after it goes on meanwhile
        if lasts is None:
            unbounded.append(step.name)
        else:
            known += times * lasts
    return Length(known, tuple(dict.fromkeys(unbounded)))


def _timeout(step: Step, configuration: Mapping[str, Any]) -> float | None:
    """The host heeds the timeout of a provider for http and process only (chaoslib/activity.py); probes of ours bound
    themselves by their argument `within`, or else `timeout`.
    """
    if is_ours(step.provider.get("module")):
        return _own_limit(step, configuration)
    if step.provider.get("type") not in ("http", "process"):
        return None
    timeout = step.provider.get("timeout")
    if isinstance(timeout, list):
        found = [_seconds(one, configuration) for one in timeout]
        return None if None in found else sum(one or 0.0 for one in found)
    return _seconds(timeout, configuration)


def _own_limit(step: Step, configuration: Mapping[str, Any]) -> float | None:
    from chaoslib import substitute

    function = getattr(import_module(str(step.provider["module"])), str(step.provider.get("func")), None)
    if not callable(function):
        return None
    known, given = signature(function).parameters, step.provider.get("arguments")
    given = given if isinstance(given, Mapping) else {}
    for name in ("within", "timeout"):
        if name in known:
            value = substitute(given, configuration, {}).get(name, known[name].default)
            try:
                return parse_duration(value)
            except (TypeError, ValueError):
                return None
    return 0.0  # it asks what is at hand


def _seconds(value: Any, configuration: Mapping[str, Any]) -> float | None:
    from chaoslib import substitute

    if isinstance(value, str):
        value = substitute(value, configuration, {})
    try:
        seconds = float(value) if value is not None and not isinstance(value, bool) else None
    except (TypeError, ValueError, OverflowError):
        return None
    return seconds if seconds is not None and isfinite(seconds) else None
