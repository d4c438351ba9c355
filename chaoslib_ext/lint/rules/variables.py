"""`${name}`: every name is given by the configuration or the secrets, and what gives it can be read."""

import re
from collections.abc import Iterator
from typing import Any

from chaoslib_ext.errors import did_you_mean
from chaoslib_ext.lint.finding import Concern, Hit, Rule, Severity
from chaoslib_ext.lint.here import Here
from chaoslib_ext.lint.parts import Step, activities, controls, list_of, mapping, texts
from chaoslib_ext.lint.tree import Path

__all__ = ["RULES", "check"]

UNDEFINED = Rule(
    "undefined-variable",
    Severity.ERROR,
    "`${name}`, and neither the configuration nor the secrets have that name.",
    "The host passes the text on as it stands: a pause of `${wait}` breaks the run off, a selector `${app}` finds "
    "nothing. `--var` gives no value to a name that the configuration does not have.",
    "Add the name to `configuration`, or write $${name} if the text itself is meant.",
)
UNDECLARED_SECRET = Rule(
    "undeclared-secret",
    Severity.WARNING,
    "A provider asks for secrets that the experiment does not declare.",
    "The host hands over nothing, without a word.",
    "Declare them under `secrets`, or take the name out.",
)
FLAT_SECRET = Rule(
    "flat-secret",
    Severity.WARNING,
    "A secret that is not in a group.",
    "Secrets have two levels, `{group: {name: value}}`. The host refuses a flat value with a traceback (an error); a "
    "flat `type: env` aborts the run as soon as a `${name}` is looked up in it, and cannot be handed to a provider.",
    "Put it into a group: `secrets: {mine: {token: ...}}`.",
)
NO_KEY = Rule(
    "env-without-key",
    Severity.ERROR,
    "`type: env` without the name of the variable.",
    "The host breaks off with a KeyError.",
    "Add `key: NAME_OF_THE_VARIABLE`.",
)
BAD_ENV_TYPE = Rule(
    "env-type",
    Severity.ERROR,
    "A variable is to be turned into something that it cannot become.",
    "The host breaks off with a ValueError before anything runs.",
    "`env_var_type` is one of str, int, float, bytes, bool, json; the default must fit it.",
)
NO_PROVIDER = Rule(
    "dynamic-without-provider",
    Severity.ERROR,
    "A dynamic configuration (`type: probe`) without a provider.",
    "The host breaks off with a KeyError before anything runs.",
    "Add the provider, as in any probe.",
)
UNSET = Rule(
    "unset-here",
    Severity.NOTE,
    "An environment variable that is not set here, and has no default.",
    "The host refuses the experiment on this machine.",
    "Set it where the experiment runs, or give it a default.",
    Concern.MACHINE,
)
INLINE_SECRET = Rule(
    "secret-in-the-file",
    Severity.NOTE,
    "A secret that stands in the experiment itself.",
    "Whoever reads the file has it, and the host writes the whole experiment into journal.json.",
    "Take it from the environment (`type: env`) or from a vault.",
)
NOT_SUBSTITUTED = Rule(
    "not-substituted",
    Severity.WARNING,
    "`${name}` in a value of the configuration or of the secrets.",
    "The host puts values into activities and controls only; here the text stays as it stands, dollar and all.",
    "Write the value itself, take it from the environment (`type: env`), or from a probe (`type: probe`).",
)
RULES = (
    INLINE_SECRET,
    NOT_SUBSTITUTED,
    UNDEFINED,
    UNDECLARED_SECRET,
    FLAT_SECRET,
    NO_KEY,
    BAD_ENV_TYPE,
    NO_PROVIDER,
    UNSET,
)

_NAME = re.compile(r"\$(?:(\$)|([_a-zA-Z][_a-zA-Z0-9]*)|\{([_a-zA-Z][_a-zA-Z0-9]*)\})", re.ASCII)
_TYPES = ("str", "string", "int", "integer", "float", "number", "bytes", "bool", "json")
_NUMBERS = ("int", "integer", "float", "number")
_SHELLS = ("sh", "bash", "zsh", "ash", "dash", "env")


def check(data: dict[Any, Any], here: Here) -> Iterator[Hit]:
    """What gives values, and what asks for them."""
    yield from _configuration(data, here)
    yield from _secrets(data, here)
    yield from _undeclared(data)
    names = _names(data)
    if names is not None:
        unsure = Severity.WARNING if _may_be_given_by_a_control(data) else None
        for path, text, severity in _asking(data):
            yield from _undefined(path, text, names, data, severity or unsure)


def _configuration(data: dict[Any, Any], here: Here) -> Iterator[Hit]:
    for name, entry in mapping(data.get("configuration")).items():
        path: Path = ("configuration", name)
        if not isinstance(entry, dict):
            yield from _not_substituted(path, entry)
            continue
        if entry.get("type") == "env":
            yield from _env(path, entry, here)
            yield from _env_type(path, entry)
        elif entry.get("type") == "probe" and not isinstance(mapping(entry.get("provider")).get("type"), str):
            yield NO_PROVIDER.at(path, f"{name} is to be probed, and no provider says how")


def _env(path: Path, entry: dict[Any, Any], here: Here) -> Iterator[Hit]:
    key = entry.get("key")
    if not isinstance(key, str) or not key:
        yield NO_KEY.at(path, f"{path[-1]} comes from the environment, and no key says from which variable")
    elif key not in here.environ and "default" not in entry:
        yield UNSET.at(path, f"{key} is not set here, and has no default")
    elif key not in here.environ and _is_placeholder(entry):
        yield UNSET.at(path, f"{key} is not set here, and its default is empty, which is no {entry['env_var_type']}")


def _is_placeholder(entry: dict[Any, Any]) -> bool:
    """An empty default for a number: the host breaks off at it, but whoever wrote it means the variable to be set."""
    return entry.get("default") == "" and entry.get("env_var_type") in _NUMBERS


def _env_type(path: Path, entry: dict[Any, Any]) -> Iterator[Hit]:
    kind = entry.get("env_var_type")
    if kind is None:
        return
    if kind not in _TYPES:
        yield BAD_ENV_TYPE.at(
            (*path, "env_var_type"), f"{kind!r} is no type of a variable{did_you_mean(str(kind), _TYPES)}"
        )
        return
    default = entry.get("default")
    try:
        if "default" in entry and kind in _NUMBERS and not _is_placeholder(entry):
            (int if kind.startswith("int") else float)(default)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        yield BAD_ENV_TYPE.at((*path, "default"), f"the default {default!r} is no {kind}")


def _secrets(data: dict[Any, Any], here: Here) -> Iterator[Hit]:
    for group, entries in mapping(data.get("secrets")).items():
        flat = not isinstance(entries, dict) or entries.get("type") in ("env", "vault")
        if flat:
            severity = None if isinstance(entries, dict) else Severity.ERROR  # the host asks it for its items
            yield FLAT_SECRET.at(("secrets", group), f"{group} is a value, not a group of them", severity=severity)
            yield from _secret(("secrets", group), entries, here)
        else:
            for name, entry in entries.items():
                yield from _secret(("secrets", group, name), entry, here)


def _secret(path: Path, entry: Any, here: Here) -> Iterator[Hit]:
    yield from _not_substituted(path, entry)
    if isinstance(entry, dict) and entry.get("type") == "env":
        # a secret has no default at the host
        yield from _env(path, {key: value for key, value in entry.items() if key != "default"}, here)
    elif isinstance(entry, str) and entry and "${" not in entry:
        yield INLINE_SECRET.at(path, f"{path[-1]} stands in the file as it is")


def _not_substituted(path: Path, value: Any) -> Iterator[Hit]:
    for below, text in texts(value, path):
        if any(found[3] for found in _NAME.finditer(text)):
            yield NOT_SUBSTITUTED.at(below, f"{text} stays as it stands")


def _undeclared(data: dict[Any, Any]) -> Iterator[Hit]:
    declared = mapping(data.get("secrets"))
    for step in activities(data):
        for number, name in enumerate(list_of(step.provider.get("secrets"))):
            if isinstance(name, str) and name not in declared:
                says = f"{step.name} asks for the secrets {name}{did_you_mean(name, map(str, declared))}"
                yield UNDECLARED_SECRET.at((*step.at, "secrets", number), says)


def _names(data: dict[Any, Any]) -> set[Any] | None:
    """All that `${}` may name; None when only a vault knows."""
    names = set(mapping(data.get("configuration")))
    for entries in mapping(data.get("secrets")).values():
        if isinstance(entries, dict):
            if any(isinstance(one, dict) and one.get("type") == "vault" for one in [entries, *entries.values()]):
                return None
            names |= set(entries)
    return names


def _asking(data: dict[Any, Any]) -> Iterator[tuple[Path, str, Severity | None]]:
    """Texts that the host substitutes in; those that a shell reads may well mean its own variables."""
    for path, text in texts(data.get("title"), ("title",)):
        yield path, text, None
    for step in activities(data):
        for path, text in _of_step(step):
            yield path, text, _severity(step, path)
    for path, control in controls(data):
        for below, text in texts(mapping(control.get("provider")).get("arguments"), (*path, "provider", "arguments")):
            yield below, text, None


def _severity(step: Step, path: Path) -> Severity | None:
    if _is_for_a_shell(step):
        return Severity.NOTE
    is_document = path[: len(step.at) + 1] == (*step.at, "arguments") and len(path) > len(step.at) + 2
    if is_document and step.kind == "python" and not step.is_ours:
        return Severity.WARNING  # a function of somebody else's may put values into a document that it is given
    return None


def _of_step(step: Step) -> Iterator[tuple[Path, str]]:
    for key in ("arguments", "url", "headers", "timeout"):
        if key == "arguments" or step.kind == "http":
            yield from texts(step.provider.get(key), (*step.at, key))
    yield from texts(step.data.get("pauses"), (*step.path, "pauses"))
    tolerance = step.data.get("tolerance")
    if isinstance(tolerance, str):
        yield (*step.path, "tolerance"), tolerance
    elif isinstance(tolerance, dict) and tolerance.get("type") == "jsonpath":
        for key in ("path", "expect"):
            yield from texts(tolerance.get(key), (*step.path, "tolerance", key))


def _may_be_given_by_a_control(data: dict[Any, Any]) -> bool:
    """A control is handed the configuration, and some of them add to it."""
    modules = [str(mapping(control.get("provider")).get("module", "")) for _, control in controls(data)]
    return any(not module.startswith("chaoslib_ext.") for module in modules)


def _is_for_a_shell(step: Step) -> bool:
    program = str(step.provider.get("path", "")).rpartition("/")[2]
    return step.kind == "process" and (isinstance(step.arguments, str) or program in _SHELLS)


def _undefined(
    path: Path, text: str, names: set[Any], data: dict[Any, Any], severity: Severity | None
) -> Iterator[Hit]:
    for found in _NAME.finditer(text):
        name = found[3]  # a bare $name is a regular expression's or a shell's more often than ours
        if name is None or name in names:
            continue
        if severity is None and found.group() != text:
            severity = Severity.WARNING  # within a longer text it may be meant for whoever reads that
        if name in mapping(data.get("secrets")):
            says = f"${{{name}}} names a group of secrets; name one inside of it"
        else:
            says = f"${{{name}}} has no value{did_you_mean(name, map(str, names))}"
        yield UNDEFINED.at(path, says, severity=severity)
