"""Shapes: what is missing, of the wrong type, or not one of the words that the host knows. Told by the models."""

from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from chaoslib_ext.errors import did_you_mean
from chaoslib_ext.lint.experiment import Experiment
from chaoslib_ext.lint.finding import Hit, Rule, Severity
from chaoslib_ext.lint.here import Here
from chaoslib_ext.lint.tree import Path

__all__ = ["RULES", "check"]

MISSING = Rule(
    "missing",
    Severity.ERROR,
    "Something that must be there is missing.",
    "The host refuses the experiment.",
    "Add it.",
)
WRONG_TYPE = Rule(
    "wrong-type",
    Severity.ERROR,
    "A value of a kind that the host cannot use there.",
    "The host refuses it, breaks off with a traceback (`pauses: 5`, `method` as a mapping), or passes over it without "
    "a word (`tags: lab`, whose letters it takes for tags; `secrets: k8s`).",
    "Write what is asked for.",
)
UNKNOWN_WORD = Rule(
    "unknown-word",
    Severity.ERROR,
    "A word that is not one of those the host knows there.",
    "The host refuses it, or does nothing without a word: with the rollback strategy `alway` no rollback ever runs.",
    "Write one of the words that are known.",
)
EMPTY_VALUE = Rule(
    "empty-value",
    Severity.ERROR,
    "A text or a list that is empty, where something must stand.",
    "The host refuses it.",
    "Fill it in.",
)
OWN_EXTENSION = Rule(
    "extension-key",
    Severity.ERROR,
    "A key in our own entry of `extensions` that nobody reads.",
    "What stands there has no effect.",
    "Write one of the keys that are known.",
)
RULES = (MISSING, WRONG_TYPE, UNKNOWN_WORD, EMPTY_VALUE, OWN_EXTENSION)

_WORDS = {
    "bool_type": "true or false",
    "dict_type": "a mapping",
    "float_parsing": "a number",
    "float_type": "a number",
    "int_from_float": "a whole number",
    "int_type": "a whole number",
    "list_type": "a list",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "string_type": "a text",
    "string_pattern_mismatch": "a number, or a whole ${name}",
}
_TYPES = {"provider": " (python, http, process)", "tolerance": " (probe, regex, jsonpath, range)"}


def check(data: dict[Any, Any], here: Here) -> Iterator[Hit]:
    """Hold the experiment against its models."""
    try:
        Experiment.model_validate(data)
    except ValidationError as error:
        seen: dict[Path, Hit] = {}
        for one in error.errors(include_url=False):
            path = _path(data, one["loc"], is_missing=one["type"] == "missing")
            hit = _hit(data, path, one)
            if hit is None or (path in seen and seen[path].rule is hit.rule):
                continue  # a union complains once for each of its members
            seen.setdefault(path, hit)
        yield from seen.values()


def _path(data: Any, loc: tuple[Any, ...], *, is_missing: bool) -> Path:
    """The way through the data; pydantic puts the names of its unions between."""
    path: list[Any] = []
    here = data
    for number, step in enumerate(loc):
        if _is_there(here, step):
            here = here[step]
        elif not (is_missing and number == len(loc) - 1):
            continue
        path.append(step)
    return tuple(path)


def _is_there(here: Any, step: Any) -> bool:
    if isinstance(here, list):
        return isinstance(step, int) and step < len(here)
    return isinstance(here, dict) and step in here


def _hit(data: Any, path: Path, error: Any) -> Hit | None:
    kind, given = error["type"], error["input"]
    where = path[-1] if path and isinstance(path[-1], str) else "it"
    if kind == "invalid_key":
        return None if given is None or isinstance(given, int | float) else WRONG_TYPE.at(path[:-1], _bad_key(given))
    if kind == "missing":
        return MISSING.at(path, f"{_holder(data, path)} needs {path[-1]}")
    if kind == "union_tag_not_found":
        return MISSING.at((*path, "type"), f"{where} needs a type{_TYPES.get(where, '')}")
    if kind in ("literal_error", "union_tag_invalid"):
        if kind == "union_tag_invalid":
            given, path = error["ctx"]["tag"], (*path, "type")
        return _unknown(path, given, error)
    if kind == "extra_forbidden":
        known = ("says", "next", "row")
        return OWN_EXTENSION.at(path, f"chaostoolkit-ext reads no {where}{did_you_mean(str(where), known)}")
    if kind in ("string_too_short", "too_short"):
        return EMPTY_VALUE.at(path, f"{where} is empty" if not given else f"{where} needs two numbers")
    if kind == "too_long":
        return WRONG_TYPE.at(path, f"{where} takes two numbers, not {len(given)}")
    return WRONG_TYPE.at(path, f"{where} must be {_wanted(error)}, not {_given(given)}")


def _bad_key(given: Any) -> str:
    return f"the key {given} must be a text: the journal can hold no {type(given).__name__} as a key"


def _unknown(path: Path, given: Any, error: Any) -> Hit:
    expected = error["ctx"].get("expected") or error["ctx"].get("expected_tags", "")
    known = [one.strip(" '") for one in expected.replace(" or ", ", ").split(",")]
    where = path[-2] if path[-1] in ("type", "strategy") and len(path) > 1 else ""
    of = f" of {where}" if isinstance(where, str) and where else ""
    return UNKNOWN_WORD.at(path, f"{given!r} is no {path[-1]}{of}{did_you_mean(str(given), known)}")


def _wanted(error: Any) -> str:
    said = error["msg"].removeprefix("Value error, must be ").removeprefix("Input should be ")
    return str(_WORDS.get(error["type"], said)).removesuffix(", not true or false")


def _given(value: Any) -> str:
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _holder(data: Any, path: Path) -> str:
    here = data
    for step in path[:-1]:
        here = here[step]
    name = here.get("name") if isinstance(here, dict) else None
    if len(path) == 1:
        return "the experiment"
    return (
        f"{name!r}"
        if isinstance(name, str) and name
        else str(next(one for one in path[-2::-1] if isinstance(one, str)))
    )
