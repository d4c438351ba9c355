"""Values and tolerances in words short enough for a line: for the reasons of a verdict, and for every report."""

import json
import re
from typing import Any

__all__ = ["INTERRUPTED", "amount", "expected", "not_undone", "reason", "value_in_words"]

INTERRUPTED = "interrupted"
"""The reason of what failed only because the run was ended while it ran."""

_CLASS = re.compile(r"\b(chaoslib\.exceptions|chaoslib_ext\.errors)\.\w+: ")
_ENDED = re.compile(r"(KeyboardInterrupt|SystemExit)\b")


def reason(run: dict[str, Any]) -> str | None:
    """Why an activity of the host's journal failed: its error's own words, without the name of its class if it is ours
    or the host's."""
    lines = [str(line).strip() for line in run.get("exception") or [] if str(line).strip()]
    if not lines:
        return None
    return INTERRUPTED if _ENDED.match(lines[-1]) else _CLASS.sub("", lines[-1])


def amount(value: Any) -> str:
    """A number as people write it: three digits that matter."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    return f"{value:,.0f}" if abs(value) >= 100 or float(value).is_integer() else f"{value:.3g}"


def value_in_words(value: Any, longest: int = 120) -> str:
    """A probe's value in at most a line."""
    if isinstance(value, dict):
        said = _mapping_in_words(value)
    elif isinstance(value, str):
        said = value
    elif isinstance(value, int | float):
        said = str(value).lower() if isinstance(value, bool) else amount(value)
    else:
        said = json.dumps(value, ensure_ascii=False, default=repr)
    said = " ".join(said.split())
    return said if len(said) <= longest else f"{said[: longest - 1]}…"


def _mapping_in_words(value: dict[str, Any]) -> str:
    """A value that explains itself (`says`), a host's process or HTTP result, or any other mapping."""
    if isinstance(value.get("says"), str):
        return str(value["says"])
    if set(value) == {"status", "stdout", "stderr"}:
        said = str(value["stdout"] or value["stderr"]).strip()
        return f"exit code {value['status']}{f': {said}' if said else ''}"
    if {"status", "headers", "body"} <= set(value):
        return f"HTTP {value['status']}"
    return json.dumps(value, ensure_ascii=False, default=repr)


def expected(tolerance: Any) -> str:
    """A tolerance of the host in words: `0 to 0.05`, `200`, `matches ^ok$`."""
    if isinstance(tolerance, dict):
        kind, bounds = tolerance.get("type"), tolerance.get("range")
        if kind == "range" and isinstance(bounds, list) and len(bounds) == 2:
            return " to ".join(amount(one) for one in bounds)
        if kind == "regex":
            return f"matches {tolerance.get('pattern')}"
        if kind == "jsonpath":
            return f"{tolerance.get('path')} is {value_in_words(tolerance.get('expect', 'there'))}"
        if kind == "probe":
            return f"what the probe {tolerance.get('name', '')} accepts"
    if isinstance(tolerance, list) and len(tolerance) == 1:
        return value_in_words(tolerance[0])
    if isinstance(tolerance, list) and len(tolerance) == 2:
        return " to ".join(amount(one) for one in tolerance)
    return value_in_words(tolerance)


def not_undone(says: object, error: object, by_hand: object) -> str:
    """An undo that failed: what it is, why, and the command to type."""
    return f"not undone: {says}: {error or 'not verified'}{f'; by hand: {by_hand}' if by_hand else ''}"
