"""Our own actions and probes: their values too, held against the very models that refuse them when they run."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from chaoslib_ext.errors import BadInput
from chaoslib_ext.lint.calls import Called, called
from chaoslib_ext.lint.finding import Hit, Rule, Severity
from chaoslib_ext.lint.here import Here
from chaoslib_ext.lint.parts import Step, activities, mapping
from chaoslib_ext.lint.tree import Path

__all__ = ["RULES", "check"]

BAD_FAULT = Rule(
    "bad-fault",
    Severity.ERROR,
    "A fault of ours that is told what it cannot do: an unknown toxic, an attribute out of range, a bad duration.",
    "The run is refused before anything goes in.",
    "Write a value in range; every toxic and its attributes stand in the reference of toxics.",
)
BAD_QUESTION = Rule(
    "bad-question",
    Severity.ERROR,
    "A probe of ours that is told what it cannot ask.",
    "The probe is refused before anything is sent.",
    "Write the value as the probe's reference has it.",
)
RULES = (BAD_FAULT, BAD_QUESTION)

_NO_VALUE = object()
_DURATIONS = ("timeout", "within", "every", "stable_for", "over", "down_for", "up_for")


def check(data: dict[Any, Any], here: Here) -> Iterator[Hit]:
    """Each activity whose module is one of our faces, once its arguments have the right names and kinds."""
    for step in activities(data):
        module = step.provider.get("module")
        checking = _CHECKS.get(module) if isinstance(module, str) else None
        arguments = step.provider.get("arguments", {})
        if checking is None or not isinstance(arguments, dict) or not _can_be_called(step, arguments, here):
            continue
        known = {name: _known(value, data) for name, value in arguments.items()}
        given = {name: value for name, value in known.items() if value is not _NO_VALUE}
        rule = BAD_QUESTION if str(module).startswith("probes") else BAD_FAULT
        try:
            checking(str(step.provider["func"]), given, set(known) - set(given))
        except BadInput as error:
            says = f"{module}.{step.provider['func']}: {error}"
            yield rule.at(_about(step, arguments, str(error)), says)


def _about(step: Step, arguments: dict[Any, Any], says: str) -> Path:
    """The argument that the message speaks of, else all of them."""
    words = re.findall(r"\w+", says)
    named = [name for name in arguments if name in words]
    return (*step.at, "arguments", *named[:1]) if arguments else step.at


def _can_be_called(step: Step, arguments: dict[Any, Any], here: Here) -> bool:
    function = called(step, here)
    if not isinstance(function, Called):
        return False
    parameters = {one.name: one for one in function.parameters}
    needed = {name for name, one in parameters.items() if one.is_needed}
    return set(arguments) <= set(parameters) and needed <= set(arguments)


def _known(value: Any, data: dict[Any, Any]) -> Any:
    """The value as the host will hand it over; _NO_VALUE where only the run can tell."""
    if isinstance(value, str) and "${" in value:
        name = value.removeprefix("${").removesuffix("}")
        entry = mapping(data.get("configuration")).get(name, _NO_VALUE)
        return entry if value == f"${{{name}}}" and not isinstance(entry, dict | list) else _NO_VALUE
    if isinstance(value, dict | list) and "${" in repr(value):
        return _NO_VALUE
    return value


def _toxics(function: str, given: dict[str, Any], unknown: set[str]) -> None:
    from chaoslib_ext.faults.settings import SETTINGS, settings_for
    from chaoslib_ext.faults.toxic import Toxic

    if function == "remove":
        if given.get("type") is not None:
            _settings_exist(str(given["type"]))
        return
    if function == "add":
        kind, attributes = str(given.get("type")), given.get("attributes") or {}
        asked = {"type", "attributes"}
    else:
        kind = function.removeprefix("add_")
        asked = set(SETTINGS[kind].model_fields)
        attributes = {name: value for name, value in given.items() if name in asked}
    if not asked & unknown:
        settings_for(kind, attributes)
    rest = {name: value for name, value in given.items() if name in ("stream", "toxicity", "duration", "seed")}
    try:
        Toxic.of(proxy=given.get("proxy", "unknown"), type="noop", **rest)  # its settings were checked above
    except BadInput as error:
        raise BadInput(str(error).replace("noop", kind, 1)) from error


def _settings_exist(kind: str) -> None:
    from chaoslib_ext.errors import BadAttribute, did_you_mean
    from chaoslib_ext.faults.settings import SETTINGS

    if kind not in SETTINGS:
        raise BadAttribute(f'there is no toxic "{kind}"{did_you_mean(kind, SETTINGS)}')


def _proxies(function: str, given: dict[str, Any], unknown: set[str]) -> None:
    from chaoslib_ext.faults.proxy_down import ProxyDown

    _durations(given)
    if function != "up":
        ProxyDown.of(proxy=given.get("proxy", "unknown"), duration=given.get("duration"))


def _asking(function: str, given: dict[str, Any], unknown: set[str]) -> None:
    from chaoslib_ext.blackbox.arguments import address

    _durations(given)
    if "address" in given:
        address("address", given["address"])


def _http(function: str, given: dict[str, Any], unknown: set[str]) -> None:
    from chaoslib_ext.blackbox.json_path import json_path
    from chaoslib_ext.blackbox.request import HttpRequest

    _asking(function, given, unknown)
    asked = {name: value for name, value in given.items() if name in ("method", "json", "body", "headers")}
    HttpRequest(given.get("url", "http://unknown/"), **asked)
    if isinstance(given.get("path"), str):
        json_path(given["path"])


def _durations(given: dict[str, Any]) -> None:
    from chaoslib_ext.blackbox.arguments import seconds

    for name in _DURATIONS:
        if given.get(name) is not None:
            seconds(name, given[name])


_CHECKS: dict[str, Callable[[str, dict[str, Any], set[str]], None]] = {
    "actions.proxies": _proxies,
    "actions.toxics": _toxics,
    "probes.cache": _asking,
    "probes.eventually": _asking,
    "probes.files": _asking,
    "probes.http": _http,
    "probes.links": _asking,
    "probes.processes": _asking,
    "probes.sql": _asking,
    "probes.tcp": _asking,
    "probes.tls": _asking,
}
