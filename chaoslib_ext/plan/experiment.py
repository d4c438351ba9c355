"""An experiment read as the host reads it, with configuration put in, and never a traceback for what stands in it."""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from chaoslib_ext.clean_text import one_line
from chaoslib_ext.errors import BadFile
from chaoslib_ext.whole_file import read_whole

__all__ = ["Loaded", "load", "read"]

_LISTS = ("method", "rollbacks", "tags", "extensions")
_BY_PROBE = "a probe gives it when the run begins"
_BY_VAULT = "it comes from a vault"
_TEXTS = ("type", "module", "func", "path", "url")
_MAPPINGS = ("configuration", "secrets", "steady-state-hypothesis", "runtime", "contributions")


@dataclass
class Loaded:
    """An experiment, its values, and the names of configuration that have none yet, each with the reason.

    Those of them that will have none in a run here either are `without_value`: then the run cannot begin.
    """

    path: Path
    experiment: dict[str, Any]
    configuration: dict[str, Any] = field(default_factory=dict)
    secrets: dict[str, Any] = field(default_factory=dict)
    unresolved: dict[str, str] = field(default_factory=dict)
    without_value: set[str] = field(default_factory=set)

    @property
    def title(self) -> str:
        """Its title, values put in, in one line."""
        from chaoslib import substitute

        title = self.experiment.get("title") or ""
        return one_line(str(substitute(title, self.configuration, {}) if isinstance(title, str) else title))


def read(path: Path) -> dict[str, Any]:
    """What stands in the file. Raises BadFile, with all that keeps it from being an experiment."""
    data = _parsed(path)
    if not isinstance(data, dict):
        raise BadFile(
            f"{path} is no experiment: it holds {_kind(data)}, not a mapping with title, description and method"
        )
    faults = list(_misshapen(data))
    if faults:
        raise BadFile(
            f"{path} cannot be planned; mend it, `chaos validate {path}` says more:",
            more=[f"  {one}" for one in faults],
        )
    return data


def load(
    path: Path, config_vars: Mapping[str, Any] | None = None, secret_vars: Mapping[str, Any] | None = None
) -> Loaded:
    """The experiment with every value that is known without asking anybody: written, `--var`, from the environment."""
    found = Loaded(path, read(path))
    entries = found.experiment.get("configuration") or {}
    for name, entry in entries.items():
        entry = (config_vars or {}).get(name, entry)
        why = _set(found.configuration, name, entry)
        if why:
            found.unresolved[name] = why
            if why not in (_BY_PROBE, _BY_VAULT):
                found.without_value.add(name)
    for group, values in (found.experiment.get("secrets") or {}).items():
        known = found.secrets.setdefault(str(group), {})
        for name, entry in (values if isinstance(values, dict) else {}).items():
            entry = ((secret_vars or {}).get(group) or {}).get(name, entry)
            _set(known, name, entry)
    return found


def _set(known: dict[str, Any], name: str, entry: Any) -> str | None:
    """Put the value in, or say why there is none."""
    from chaoslib.configuration import load_configuration

    kind = entry.get("type") if isinstance(entry, dict) else None
    if kind == "probe":
        return _BY_PROBE
    if kind == "vault":
        return _BY_VAULT
    if kind == "env" and not isinstance(entry.get("key"), str):
        return "no key says from which environment variable"
    if kind == "env" and entry["key"] not in dict(os.environ) and "default" not in entry:
        return f"the environment variable {entry['key']} is not set"
    try:
        known.update(load_configuration({name: entry}))
    except Exception as error:  # a type that does not fit its value, in many classes
        return f"{type(error).__name__}: {error}"
    return None


def _parsed(path: Path) -> Any:
    try:
        text = read_whole(path).decode("utf-8")
    except (OSError, UnicodeDecodeError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise BadFile(f"cannot read the experiment {path}: {why}") from error
    if path.suffix not in (".yaml", ".yml", ".json"):
        raise BadFile(f"{path}: the host reads .yaml, .yml and .json files only; name it so")
    try:
        return json.loads(text) if path.suffix == ".json" else yaml.safe_load(text)
    except RecursionError as error:
        raise BadFile(f"{path} is nested too deeply to be an experiment") from error
    except Exception as error:  # PyYAML lets AttributeError, ValueError and others out as well
        format = "JSON" if path.suffix == ".json" else "YAML"
        raise BadFile(f"{path} is not {format}: {one_line(str(error))}") from error


def _misshapen(data: dict[Any, Any]) -> Iterator[str]:
    """What the host itself would stumble over, or we."""
    yield from _controls("", data)
    for name in ("title", "description"):
        if not data.get(name):
            yield f"{name} is missing"
    if data.get("method") is None:
        yield "method is missing; an empty list is enough: method: []"
    for name in _LISTS:
        if data.get(name) is not None and not isinstance(data[name], list):
            yield f"{name} must be a list, not {_kind(data[name])}"
    for name in _MAPPINGS:
        if data.get(name) is not None and not isinstance(data[name], dict):
            yield f"{name} must be a mapping, not {_kind(data[name])}"
    hypothesis = data.get("steady-state-hypothesis")
    yield from _controls("steady-state-hypothesis.", hypothesis)
    probes = hypothesis.get("probes") if isinstance(hypothesis, dict) else None
    if probes is not None and not isinstance(probes, list):
        yield f"steady-state-hypothesis.probes must be a list, not {_kind(probes)}"
    for name, activities in (("steady-state-hypothesis.probes", probes), *((it, data.get(it)) for it in _LISTS[:2])):
        for index, activity in enumerate(activities if isinstance(activities, list) else []):
            yield from _of_activity(f"{name}[{index}]", activity)
    values = data.get("configuration")
    for name, entry in (values if isinstance(values, dict) else {}).items():
        if isinstance(entry, dict) and entry.get("type") == "probe":
            yield from _of_activity(f"configuration.{name}", entry)


def _of_activity(name: str, activity: Any) -> Iterator[str]:
    if not isinstance(activity, dict):
        yield f"{name} must be a mapping, not {_kind(activity)}"
        return
    yield from _controls(f"{name}.", activity)
    if activity.get("provider") is not None or "ref" not in activity:
        yield from _of_provider(name, activity.get("provider"))


def _of_provider(name: str, provider: Any) -> Iterator[str]:
    if not isinstance(provider, dict):
        lacking = f"{name} has no provider (type, and what it calls)"
        yield lacking if provider is None else f"{name}.provider must be a mapping, not {_kind(provider)}"
        return
    wrong = [key for key in _TEXTS if provider.get(key) is not None and not isinstance(provider[key], str)]
    yield from (f"{name}.provider.{key} must be text, not {_kind(provider[key])}" for key in wrong)


def _controls(place: str, holder: Any) -> Iterator[str]:
    controls = holder.get("controls") if isinstance(holder, dict) else None
    if not isinstance(controls, list):
        if controls is not None:
            yield f"{place}controls must be a list, not {_kind(controls)}"
        return
    for index, control in enumerate(controls):
        name = f"{place}controls[{index}]"
        if not isinstance(control, dict):
            yield f"{name} must be a mapping, not {_kind(control)}"
        elif control.get("provider") is not None:
            yield from _of_provider(name, control["provider"])


def _kind(value: Any) -> str:
    names = {dict: "a mapping", list: "a list", str: "text", bool: "true or false", int: "a number", float: "a number"}
    return "nothing" if value is None else names.get(type(value), type(value).__name__)
