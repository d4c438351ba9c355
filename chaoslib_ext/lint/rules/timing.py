"""Pauses, timeouts, background: numbers that the host takes as they come, or never looks at."""

import math
from collections.abc import Iterator
from typing import Any, TypeGuard

from chaoslib_ext.lint.finding import Hit, Rule, Severity
from chaoslib_ext.lint.here import Here
from chaoslib_ext.lint.parts import Step, activities, mapping

__all__ = ["RULES", "check"]

BAD_PAUSE = Rule(
    "bad-pause",
    Severity.ERROR,
    "A pause of less than nothing, or without an end.",
    "The host hands it to `sleep`, which raises: in the method the run is aborted, among the rollbacks those behind it "
    "never run.",
    "Write seconds, 0 or more.",
)
BAD_TIMEOUT = Rule(
    "bad-timeout",
    Severity.ERROR,
    "A timeout that leaves no time.",
    "The request or program fails at once, every time, or the run breaks off.",
    "Write seconds, more than 0; leave it out for none.",
)
UNUSED_TIMEOUT = Rule(
    "unused-timeout",
    Severity.WARNING,
    "A `timeout` beside the provider.",
    "The host checks it and never uses it: with `timeout: 1` an activity may take for ever.",
    "Move it into the provider (http and process have one); our own probes take `timeout` and `within` as arguments.",
)
UNUSED_BACKGROUND = Rule(
    "unused-background",
    Severity.WARNING,
    "`background: true` on a probe of the hypothesis, of the configuration or of a tolerance.",
    "The host runs it in the foreground; only method and rollbacks know a background.",
    "Take it out.",
)
NO_TIMEOUT = Rule(
    "no-timeout",
    Severity.NOTE,
    "A request or a program without a timeout.",
    "The host has no default: one that hangs holds the run, with the fault in.",
    "Add `timeout: 5` to the provider.",
)
RULES = (BAD_PAUSE, BAD_TIMEOUT, UNUSED_TIMEOUT, UNUSED_BACKGROUND, NO_TIMEOUT)


def check(data: dict[Any, Any], here: Here) -> Iterator[Hit]:
    """Each activity's numbers."""
    for step in activities(data):
        for key, value in mapping(step.data.get("pauses")).items():
            if _is_number(value) and not 0 <= value < math.inf:
                yield BAD_PAUSE.at((*step.path, "pauses", key), f"a pause of {value} seconds")
        if step.data.get("timeout") is not None:
            yield UNUSED_TIMEOUT.at((*step.path, "timeout"), f"the host never uses the timeout of {step.name}")
        if step.data.get("background") is True and step.section not in ("method", "rollbacks"):
            yield UNUSED_BACKGROUND.at((*step.path, "background"), f"{step.name} runs in the foreground all the same")
        yield from _timeout(step)


def _timeout(step: Step) -> Iterator[Hit]:
    timeout = step.provider.get("timeout")
    if step.kind in ("http", "process") and timeout is None:
        yield NO_TIMEOUT.at(step.at, f"{step.name} has no timeout")
    if step.kind not in ("http", "process"):
        return
    numbers = timeout if isinstance(timeout, list) else [timeout]
    if any(_is_number(one) and one <= 0 for one in numbers):
        yield BAD_TIMEOUT.at((*step.at, "timeout"), f"a timeout of {timeout} seconds")
    elif isinstance(timeout, list) and len(timeout) != 2:
        yield BAD_TIMEOUT.at((*step.at, "timeout"), "a list as timeout is [to connect, to read], two numbers")


def _is_number(value: Any) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)
