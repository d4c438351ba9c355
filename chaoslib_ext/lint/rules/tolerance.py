"""Tolerances: those that nothing can meet, those that mean something else, and those that break the whole run off.

An unexpected error in a tolerance is the worst place for one: no rollback runs, whatever the strategy, and no journal
is written (chaoslib/hypothesis.py, `within_tolerance`).
"""

import re
from collections.abc import Iterator
from typing import Any

from chaoslib_ext.lint.calls import Called, called
from chaoslib_ext.lint.finding import Hit, Rule, Severity
from chaoslib_ext.lint.here import Here
from chaoslib_ext.lint.parts import Step, steps_of
from chaoslib_ext.lint.types import may_be_none, shown

__all__ = ["RULES", "check"]

NEVER_MET = Rule(
    "never-met",
    Severity.ERROR,
    "A tolerance that no value meets: a range upside down, true for an answer that is a mapping, a status below 100.",
    "The hypothesis fails before the method, every time; the method never runs.",
    "A range goes from low to high. An http or process probe gives a mapping: name its status as a number, or use "
    "`type: regex`, `jsonpath` or `range` with a `target`.",
)
BREAKS_OFF = Rule(
    "tolerance-breaks-off",
    Severity.ERROR,
    "A tolerance that cannot be held against what the probe gives.",
    "The host breaks off with a traceback: after the method the fault stays in, no rollback runs, not even with the "
    "strategy always, and no journal is written.",
    "Name the part to judge with `target` (status, body, stdout), or use a tolerance of another type.",
)
NO_ARGUMENTS = Rule(
    "tolerance-without-arguments",
    Severity.ERROR,
    "A tolerance of `type: probe` whose provider has no mapping `arguments`.",
    "The host puts the measured value in there as `value`, and breaks off with a KeyError: no rollback, no journal.",
    "Add `arguments: {}` to the provider; the function takes an argument `value`.",
)
MAY_BE_NONE = Rule(
    "range-of-none",
    Severity.ERROR,
    "A range for a probe that may give None.",
    "None cannot be compared with a number: the host breaks off with a traceback, no rollback runs, and no journal is "
    "written.",
    "Use a probe that always gives a number, or one that raises when there is none.",
)
ONE_VALUE = Rule(
    "list-of-one",
    Severity.WARNING,
    "A list with one value as a tolerance.",
    "Two values are a range, any other number of values are the values allowed; with one of them, most meant a value "
    "or a range whose other end was lost.",
    "Write the value without brackets, or both ends of the range.",
)
NOT_A_RANGE = Rule(
    "pair-is-no-range",
    Severity.WARNING,
    "Two values that look like a range, for the status of a request or a program.",
    "For a status the host takes a list as the values allowed: [200, 299] allows 200 and 299, and nothing between.",
    "Write {type: range, range: [200, 299], target: status}.",
)
FLOAT = Rule(
    "float-tolerance",
    Severity.WARNING,
    "A number with a point as a tolerance.",
    "It is a fair thing to ask, but the host's check refuses it (chaoslib 1.44), and if it did not, nothing would meet "
    "it.",
    "Write {type: range, range: [0.5, 0.5]}.",
)
BAD_PATTERN = Rule(
    "bad-pattern",
    Severity.ERROR,
    "A regular expression or a JSONPath that cannot be read.",
    "The host refuses it, or breaks off when it is used.",
    "Mend the pattern. A JSONPath begins with $; in YAML put a pattern between single quotes.",
)
RULES = (NEVER_MET, BREAKS_OFF, NO_ARGUMENTS, MAY_BE_NONE, ONE_VALUE, NOT_A_RANGE, FLOAT, BAD_PATTERN)

_PARTS = {"http": ("status", "headers", "body"), "process": ("status", "stdout", "stderr")}


def check(data: dict[Any, Any], here: Here) -> Iterator[Hit]:
    """Each probe of the hypothesis that has a tolerance."""
    for step in steps_of(data, "hypothesis"):
        if step.data.get("tolerance") is None or "ref" in step.data:
            continue
        tolerance = step.data["tolerance"]
        if isinstance(tolerance, dict):
            yield from _rule(step, tolerance, here)
        elif isinstance(tolerance, list):
            yield from _list(step, tolerance, here)
        else:
            yield from _value(step, tolerance)


def _value(step: Step, tolerance: Any) -> Iterator[Hit]:
    at = (*step.path, "tolerance")
    if isinstance(tolerance, float):
        yield FLOAT.at(at, f"the host refuses {tolerance} as a tolerance")
    elif step.kind in _PARTS and (
        isinstance(tolerance, bool) or (isinstance(tolerance, str) and "${" not in tolerance)
    ):
        says = f"{step.name} gives a mapping ({', '.join(_PARTS[step.kind])}), which never equals {tolerance!r}"
        yield NEVER_MET.at(at, says)
    elif _is_no_status(step, [tolerance]):
        yield NEVER_MET.at(at, f"no request is answered by the status {tolerance}")


def _list(step: Step, tolerance: list[Any], here: Here) -> Iterator[Hit]:
    at = (*step.path, "tolerance")
    pair = tolerance if len(tolerance) == 2 and all(_is_number(one) for one in tolerance) else None
    if not tolerance:
        yield NEVER_MET.at(at, "an empty list allows nothing")
    elif _is_no_status(step, tolerance):
        yield NEVER_MET.at(at, f"no request is answered by a status of {tolerance}")
    elif _gives_a_mapping(step, here):
        return  # a list is held against its status, and may have any number of values
    elif len(tolerance) == 1:
        # for a status this is how a list is read, so it does what it says
        severity = Severity.NOTE if step.kind in _PARTS else None
        yield ONE_VALUE.at(at, f"{tolerance} allows {tolerance[0]!r} and nothing else", severity=severity)
    elif step.kind in _PARTS:
        if pair and pair[1] - pair[0] > 1 and pair[0] % 100 == 0 and pair[1] % 10 == 9:
            yield NOT_A_RANGE.at(at, f"{pair} allows the status {pair[0]} and the status {pair[1]}, and none between")
    elif len(tolerance) == 2:
        if pair and pair[0] > pair[1]:
            yield NEVER_MET.at(at, f"{pair} is a range from {pair[0]} up to {pair[1]}: nothing lies in it")
        yield from _compared(step, here)


def _is_no_status(step: Step, allowed: list[Any]) -> bool:
    """Is it a request, and none of these numbers what HTTP has for a status (RFC 9110, 15)?"""
    return step.kind == "http" and all(_is_number(one) and not 100 <= one <= 599 for one in allowed)


def _gives_a_mapping(step: Step, here: Here) -> bool:
    function = called(step, here)
    return isinstance(function, Called) and function.gives("dict")


def _rule(step: Step, tolerance: dict[Any, Any], here: Here) -> Iterator[Hit]:
    kind = tolerance.get("type")
    if kind == "range":
        yield from _range(step, tolerance, here)
    elif kind == "regex":
        yield from _regex(step, tolerance)
    elif kind == "jsonpath":
        yield from _jsonpath(step, tolerance)
    elif kind == "probe":
        provider = tolerance.get("provider")
        if isinstance(provider, dict) and not isinstance(provider.get("arguments"), dict):
            yield NO_ARGUMENTS.at((*step.path, "tolerance", "provider"), "there is no mapping for the measured value")


def _range(step: Step, tolerance: dict[Any, Any], here: Here) -> Iterator[Hit]:
    at = (*step.path, "tolerance")
    ends = tolerance.get("range")
    if isinstance(ends, list) and len(ends) == 2 and all(_is_number(one) for one in ends) and ends[0] > ends[1]:
        yield NEVER_MET.at((*at, "range"), f"{ends} is a range from {ends[0]} up to {ends[1]}: nothing lies in it")
    if tolerance.get("target"):
        yield from _target(step, tolerance)
    elif step.kind in _PARTS:
        yield BREAKS_OFF.at(at, f"{step.name} gives a mapping ({', '.join(_PARTS[step.kind])}), which is in no range")
    else:
        yield from _compared(step, here)


def _compared(step: Step, here: Here) -> Iterator[Hit]:
    """The probe gives what is compared with two numbers: could that be None, or no number at all?"""
    function = called(step, here)
    if not isinstance(function, Called):
        return
    returns, module = function.node.returns, function.module
    if may_be_none(returns, module, here.modules):
        says = f"{function.name} may give None ({shown(returns)}), which is in no range"
        yield MAY_BE_NONE.at((*step.path, "tolerance"), says)
    elif function.gives("dict") or function.gives("list"):
        says = f"{function.name} gives {shown(returns)}, which is in no range"
        yield BREAKS_OFF.at((*step.path, "tolerance"), says)


def _regex(step: Step, tolerance: dict[Any, Any]) -> Iterator[Hit]:
    at, pattern = (*step.path, "tolerance"), tolerance.get("pattern")
    if isinstance(pattern, str):
        try:
            re.compile(pattern)
        except (re.error, OverflowError, RecursionError) as error:
            yield BAD_PATTERN.at((*at, "pattern"), f"{pattern} is no regular expression: {error}")
    if tolerance.get("target"):
        yield from _target(step, tolerance)
    elif step.kind in _PARTS:
        says = f"{step.name} gives a mapping ({', '.join(_PARTS[step.kind])}), and a pattern is for a text"
        yield BREAKS_OFF.at(at, says)


def _jsonpath(step: Step, tolerance: dict[Any, Any]) -> Iterator[Hit]:
    path = tolerance.get("path")
    if isinstance(path, str) and path.strip() and "${" not in path and not _can_be_read(path.strip()):
        yield BAD_PATTERN.at((*step.path, "tolerance", "path"), f"{path} is no JSONPath of the host's dialect")
    if tolerance.get("target"):
        yield from _target(step, tolerance)


def _can_be_read(path: str) -> bool:
    from chaoslib_ext.blackbox.json_path import json_path
    from chaoslib_ext.errors import BadInput

    try:
        json_path(path)
    except BadInput:
        return False
    return True


def _target(step: Step, tolerance: dict[Any, Any]) -> Iterator[Hit]:
    parts, target = _PARTS.get(step.kind or ""), tolerance["target"]
    if parts and target not in parts:
        says = f"{step.name} gives {', '.join(parts)}, and no {target}"
        yield BREAKS_OFF.at((*step.path, "tolerance", "target"), says)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
