"""Can the faults of an experiment go in? Asked before it begins, so that a mistake in its last line is heard first.

Only our own faces are called, in a rehearsal: arguments bound, settings checked, targets resolved, the guard asked.
"""

import inspect
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from typing import Any

from chaoslib_ext.errors import BadAttribute, BadInput, ExtError, did_you_mean

from .rehearsal import rehearsing

__all__ = ["FACES", "problems"]

FACES = ("actions.toxics", "actions.proxies")
"""The modules whose functions put faults in; named, not imported, for they stand above this room."""


def problems(experiment: Mapping[str, Any], configuration: Mapping[str, Any], secrets: Mapping[str, Any]) -> list[str]:
    """What would be refused, one message each, beginning with the action's name; empty when all would go in."""
    found = []
    for provider in _ours(experiment):
        try:
            _rehearse(provider, configuration, secrets)
        except ExtError as error:
            found.append(f"{provider['module']}.{provider.get('func')}: {error}")
    return found


def _ours(experiment: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    hypothesis = experiment.get("steady-state-hypothesis") or {}
    for activities in (hypothesis.get("probes"), experiment.get("method"), experiment.get("rollbacks")):
        for activity in activities or []:
            provider = activity.get("provider") if isinstance(activity, dict) else None
            if isinstance(provider, dict) and provider.get("module") in FACES:
                yield provider


def _rehearse(provider: Mapping[str, Any], configuration: Mapping[str, Any], secrets: Mapping[str, Any]) -> None:
    from chaoslib import substitute

    face = import_module(provider["module"])
    name = str(provider.get("func"))
    if name not in face.__all__:
        raise BadInput(f"there is no such action{did_you_mean(name, face.__all__)}")
    function = getattr(face, name)
    arguments = substitute(dict(provider.get("arguments") or {}), configuration, secrets)
    _bind(function, arguments)
    with rehearsing():
        function(**arguments)


def _bind(function: Callable[..., Any], arguments: Mapping[str, Any]) -> None:
    known = inspect.signature(function).parameters
    for name in arguments:
        if name not in known:
            raise BadAttribute(f"it takes no argument {name}{did_you_mean(name, known)}")
    missing = [name for name, one in known.items() if one.default is one.empty and name not in arguments]
    if missing:
        raise BadAttribute(f"the argument {', '.join(missing)} is missing")
