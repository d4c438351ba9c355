"""Can the faults of an experiment go in? Asked before it begins, so that a mistake in its last line is heard first.

Only our own faces are called, in a rehearsal: arguments bound, settings checked, targets resolved, the guard asked.
"""

import inspect
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from typing import Any

from chaoslib_ext.errors import BadAttribute, BadFile, BadInput, ExtError, did_you_mean

from . import permission
from .on_link import Ahead
from .rehearsal import rehearsing

__all__ = ["FACES", "called", "ours", "problems", "too_many_links"]

FACES = ("actions.toxics", "actions.proxies")
"""The modules whose functions put faults in; named, not imported, for they stand above this room."""


def problems(
    experiment: Mapping[str, Any],
    configuration: Mapping[str, Any],
    secrets: Mapping[str, Any],
    ahead: Ahead | None = None,
) -> list[str]:
    """What would be refused, one message each, beginning with the action's name; empty when all would go in.

    `ahead`: what earlier steps will have put in; it is told what these would add.
    """
    found, ahead = [], ahead or Ahead(configuration)
    for provider in ours(experiment):
        try:
            with rehearsing(ahead=ahead) as heard:
                called(provider, configuration, secrets)
        except ExtError as error:
            found.append(f"{provider['module']}.{provider.get('func')}: {error}")
            continue
        for fault, targets in heard.faults:
            ahead.puts(fault, [target for _, target in targets])
    return found


def too_many_links(
    experiment: Mapping[str, Any], configuration: Mapping[str, Any], secrets: Mapping[str, Any]
) -> list[str]:
    """What the policy says of the links that all faults of the experiment hit together; empty when it is content."""
    try:
        limits = [(file.policy.at_once.links_per_run, file.path) for file in permission.policies()]
    except BadFile:
        return []  # each fault was refused for it
    most, path = min(((most, path) for most, path in limits if most is not None), default=(None, None))
    if most is None:
        return []
    hit: set[tuple[str, str]] = set()
    for provider in ours(experiment):
        try:
            with rehearsing() as heard:
                called(provider, configuration, secrets)
        except ExtError:
            continue  # told by `problems`
        hit |= {(target.server, target.proxy) for _, targets in heard.faults for _, target in targets}
    if len(hit) <= most:
        return []
    names = ", ".join(sorted(proxy for _, proxy in hit))
    return [f"{path} allows {most} links to one run (at_once: links_per_run), and this hits {len(hit)}: {names}"]


def ours(experiment: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The providers of its activities that are faces of ours; whatever else stands there is passed over."""
    hypothesis = experiment.get("steady-state-hypothesis")
    probes = hypothesis.get("probes") if isinstance(hypothesis, dict) else None
    for activities in (probes, experiment.get("method"), experiment.get("rollbacks")):
        for activity in activities if isinstance(activities, list) else []:
            provider = activity.get("provider") if isinstance(activity, dict) else None
            if isinstance(provider, dict) and provider.get("module") in FACES:
                yield provider


def called(provider: Mapping[str, Any], configuration: Mapping[str, Any], secrets: Mapping[str, Any]) -> Any:
    """Call the face it names, arguments bound and configuration put in. Raises BadInput, and what the face raises.

    To be called in a rehearsal.
    """
    from chaoslib import substitute

    face = import_module(provider["module"])
    name = str(provider.get("func"))
    if name not in face.__all__:
        raise BadInput(f"there is no such action{did_you_mean(name, face.__all__)}")
    function = getattr(face, name)
    given = provider.get("arguments") or {}
    if not isinstance(given, Mapping):
        raise BadAttribute(f"its arguments are not name: value, but {given!r}")
    arguments = substitute(dict(given), configuration, secrets)
    _bind(function, arguments)
    return function(**arguments)


def _bind(function: Callable[..., Any], arguments: Mapping[str, Any]) -> None:
    known = inspect.signature(function).parameters
    for name in arguments:
        if name not in known:
            raise BadAttribute(f"it takes no argument {name}{did_you_mean(str(name), known)}")
    missing = [name for name, one in known.items() if one.default is one.empty and name not in arguments]
    if missing:
        raise BadAttribute(f"the argument {', '.join(missing)} is missing")
