"""Controls: one that does not stand by is passed over without a word, and the faults go in."""

from collections.abc import Iterator
from typing import Any

from chaoslib_ext.errors import did_you_mean
from chaoslib_ext.lint.finding import Hit, Rule, Severity
from chaoslib_ext.lint.here import Here
from chaoslib_ext.lint.parts import controls, list_of, mapping
from chaoslib_ext.lint.tree import Path

__all__ = ["RULES", "check"]

BAD_CONTROL = Rule(
    "bad-control-ref",
    Severity.ERROR,
    "A control's `ref` that names no control at the top of the experiment.",
    "The host refuses the experiment.",
    "Declare the control at the top, or write it out here.",
)
LONE_REFERENCE = Rule(
    "control-ref-refused",
    Severity.WARNING,
    "A control that is only a `ref`.",
    "The specification knows it, but the host's check (chaoslib 1.44) asks a reference for a name and a provider as "
    "well, and refuses it without.",
    "Write the control out here.",
)
NO_MODULE = Rule(
    "control-without-module",
    Severity.ERROR,
    "A control of `type: python` without a module.",
    "The host refuses the experiment.",
    "Add `module` to the provider.",
)
SAME_NAME = Rule(
    "control-name-twice",
    Severity.WARNING,
    "Two different controls with the same name.",
    "The host sets up the first one only; the other one is called without ever having been configured.",
    "Give each control a name of its own.",
)
SHADOWED = Rule(
    "control-kind",
    Severity.ERROR,
    "A control whose provider is not `type: python`.",
    "The host calls Python controls only; any other is passed over without a word, and the faults go in.",
    "Write a Python control that calls it.",
)
BYPASS = Rule(
    "bypass-does-not-bypass",
    Severity.ERROR,
    "The control `chaosaddons.controls.bypass`.",
    "It marks an activity as dry with a word that the host does not know (chaosaddons 0.11): the action that it should "
    "keep back runs.",
    "Take the action out, or rehearse with `chaos run --dry actions`.",
)
RULES = (BYPASS, BAD_CONTROL, LONE_REFERENCE, NO_MODULE, SAME_NAME, SHADOWED)


def check(data: dict[Any, Any], here: Here) -> Iterator[Hit]:
    """Each control, wherever it stands."""
    named = [one.get("name") for one in list_of(data.get("controls")) if isinstance(one, dict)]
    top = {name for name in named if isinstance(name, str)}
    first: dict[str, Any] = {}
    for path, control in controls(data):
        if "ref" in control:
            yield from _reference(path, control, top)
            continue
        provider, name = mapping(control.get("provider")), control.get("name")
        if provider.get("module") == "chaosaddons.controls.bypass":
            yield BYPASS.at((*path, "provider", "module"), f"the control {name} keeps nothing back")
        if provider.get("type") == "python" and not provider.get("module"):
            yield NO_MODULE.at((*path, "provider"), f"the control {name} names no module")
        elif isinstance(provider.get("type"), str) and provider["type"] != "python":
            yield SHADOWED.at((*path, "provider", "type"), f"the host never calls a control of type {provider['type']}")
        if isinstance(name, str) and first.setdefault(name, provider) != provider:
            yield SAME_NAME.at((*path, "name"), f"another control is named {name} already")


def _reference(path: Path, control: dict[Any, Any], top: set[str]) -> Iterator[Hit]:
    ref = control["ref"]
    if isinstance(ref, str) and ref not in top:
        says = f"there is no control {ref}{did_you_mean(ref, top)}"
        yield BAD_CONTROL.at((*path, "ref"), says)
    elif isinstance(ref, str) and ("name" not in control or "provider" not in control):
        yield LONE_REFERENCE.at((*path, "ref"), f"the host refuses the reference to {ref}")
