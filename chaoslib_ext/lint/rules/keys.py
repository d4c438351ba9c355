"""Keys that the host does not know: a slip of the pen leaves what stands below it without effect, and says nothing."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel

from chaoslib_ext.lint import experiment as models
from chaoslib_ext.lint.finding import Hit, Rule, Severity
from chaoslib_ext.lint.here import Here
from chaoslib_ext.lint.parts import HYPOTHESIS, activities, controls, mapping, steps_of
from chaoslib_ext.lint.tree import Path

__all__ = ["RULES", "check"]

MISSPELT = Rule(
    "misspelt-key",
    Severity.ERROR,
    "A key that is nearly one the host knows: `rollback:`, `tiemout`, `backgroud`.",
    "The host passes over it without a word: with `rollback:` nothing is ever rolled back.",
    "Write the key that is meant.",
)
UNKNOWN = Rule(
    "unknown-key",
    Severity.WARNING,
    "A key that the host does not know.",
    "The host passes over it; what stands there has no effect. Keys that begin with x- or _ are yours.",
    "Take it out, move it to where it belongs, or begin it with x-.",
)
RULES = (MISSPELT, UNKNOWN)

_PROVIDERS: Mapping[str | None, type[BaseModel]] = {
    "python": models.PythonProvider,
    "http": models.HttpProvider,
    "process": models.ProcessProvider,
}
_TOLERANCES: Mapping[Any, type[BaseModel]] = {
    "probe": models.ProbeTolerance,
    "regex": models.RegexTolerance,
    "jsonpath": models.JsonPathTolerance,
    "range": models.RangeTolerance,
}
_ELSEWHERE = {
    "arguments": "provider",
    "func": "provider",
    "module": "provider",
    "url": "provider",
    "path": "provider",
    "after": "pauses",
    "before": "pauses",
}


def check(data: dict[Any, Any], here: Here) -> Iterator[Hit]:
    """Hold every mapping against the keys of its model."""
    for path, one, model, more in _all(data):
        known = {field.alias or name for name, field in model.model_fields.items()} | more
        for key in one:
            if key in known or not isinstance(key, str) or key.startswith(("x-", "_")):
                continue
            near = get_close_matches(key, sorted(known), n=1, cutoff=0.8)
            if near and near[0] not in one:
                yield MISSPELT.at((*path, key), f"the host knows no {key} here; did you mean {near[0]}?")
            elif key in _ELSEWHERE and _ELSEWHERE[key] in known:
                says = f"the host knows no {key} here; it belongs into {_ELSEWHERE[key]}"
                yield UNKNOWN.at((*path, key), says)
            else:
                yield UNKNOWN.at((*path, key), f"the host knows no {key} here (known: {', '.join(sorted(known))})")


def _all(data: dict[Any, Any]) -> Iterator[tuple[Path, dict[Any, Any], type[BaseModel], set[str]]]:
    yield (), data, models.Experiment, set()
    yield (HYPOTHESIS,), mapping(data.get(HYPOTHESIS)), models.Hypothesis, set()
    runtime = mapping(data.get("runtime"))
    yield ("runtime",), runtime, models.Runtime, set()
    yield ("runtime", "rollbacks"), mapping(runtime.get("rollbacks")), models.RollbackStrategy, set()
    yield ("runtime", "hypothesis"), mapping(runtime.get("hypothesis")), models.HypothesisStrategy, set()
    for path, control in controls(data):
        if "ref" not in control:
            yield path, control, models.Control, set()
            yield (*path, "provider"), mapping(control.get("provider")), models.ControlProvider, set()
    for section in ("hypothesis", "method", "rollbacks"):
        for step in steps_of(data, section):
            if "ref" in step.data:
                yield step.path, step.data, models.ActivityReference, set(models.Activity.model_fields)
    for step in activities(data):
        yield step.path, step.data, models.Activity, set()
        yield (*step.path, "pauses"), mapping(step.data.get("pauses")), models.Pauses, set()
        if step.kind in _PROVIDERS:
            yield step.at, step.provider, _PROVIDERS[step.kind], set()
        tolerance = mapping(step.data.get("tolerance"))
        kind = tolerance.get("type")
        if isinstance(kind, str) and kind in _TOLERANCES and kind != "probe":
            yield (*step.path, "tolerance"), tolerance, _TOLERANCES[kind], {"name"}
