"""A probe named as in an experiment, ready to be asked: module, function, arguments. Actions are refused."""

import importlib
import inspect
from collections.abc import Callable
from typing import Any

from chaoslib_ext.errors import BadInput, did_you_mean

from .arguments import known_keys, text

__all__ = ["named_probe"]

_KEYS = ("module", "func", "arguments", "type")


def named_probe(written: object, configuration: Any = None, secrets: Any = None) -> Callable[[], Any]:
    """What asks it, from `{module: probes.http, func: status, arguments: {...}}`, as a provider is written.

    A function that takes `configuration` or `secrets` gets those of the experiment. Raises BadInput.
    """
    given = known_keys("probe", written, _KEYS)
    if given.get("type", "python") != "python":
        raise BadInput(f"probe must be a Python function, and type is {given['type']!r}")
    arguments = given.get("arguments") or {}
    if not isinstance(arguments, dict):
        raise BadInput(f"the arguments of the probe must be a mapping, not {arguments!r}")
    function = _function(
        text("module of the probe", given.get("module"), "probes.http"),
        text("func of the probe", given.get("func"), "status"),
    )
    arguments = {**arguments, **_offered(function, configuration=configuration, secrets=secrets)}
    try:
        inspect.signature(function).bind(**arguments)
    except TypeError as error:
        raise BadInput(f"{given['module']}.{given['func']}: {error}; see its arguments in the reference") from None
    return lambda: function(**arguments)


def _function(module: str, name: str) -> Callable[..., Any]:
    if "actions" in module.split("."):
        raise BadInput(
            f"{module}.{name} is an action; only a probe, which changes nothing, may be asked again and again"
        )
    try:
        found = importlib.import_module(module)
    except ImportError as error:
        raise BadInput(f"the probe's module {module!r} cannot be imported: {error}") from None
    function = getattr(found, name, None)
    if not inspect.isfunction(function):
        known = getattr(found, "__all__", [one for one, _ in inspect.getmembers(found, inspect.isfunction)])
        raise BadInput(f"{module} has no probe {name!r}{did_you_mean(name, known)}")
    return function


def _offered(function: Callable[..., Any], **ours: Any) -> dict[str, Any]:
    parameters = inspect.signature(function).parameters
    return {name: dict(value or {}) for name, value in ours.items() if name in parameters}
