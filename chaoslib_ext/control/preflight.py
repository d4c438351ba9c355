"""Can every fault of an experiment go in? Asked before anything runs; each answer names the file and the line."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .lines import line_of

if TYPE_CHECKING:
    from chaoslib_ext.faults.on_link import Ahead

__all__ = ["does_nothing", "dry_mode", "frozen", "policy", "problems", "server", "without_value"]

_FACES = ("actions.toxics", "actions.proxies")


def dry_mode(experiment: dict[str, Any]) -> str | None:
    """`probes`, `actions`, `activities` or `pause`, when the run is a rehearsal (`chaos run --dry`)."""
    dry = experiment.get("dry")
    return str(getattr(dry, "value", dry)) if dry else None


def does_nothing(experiment: dict[str, Any]) -> bool:
    """Is no action really done? `--dry probes` and `--dry pause` do them all: such a run needs guards and an undo."""
    return dry_mode(experiment) in ("actions", "activities")


def frozen(
    experiment: dict[str, Any], configuration: dict[str, Any], secrets: dict[str, Any], folders: tuple[Path, ...] = ()
) -> list[str]:
    """Why no run may begin now, whatever it does: somebody froze everything, or a policy that must be there cannot be
    asked. A rehearsal without actions hurts nobody.
    """
    from chaoslib_ext.errors import GuardRefused
    from chaoslib_ext.faults.frozen import of_sources
    from chaoslib_ext.plan.other_actions import changing
    from chaoslib_ext.safety import guard

    if does_nothing(experiment):
        return []
    names = [step.name for step in changing(experiment, configuration, secrets)]
    try:
        guard.ask_for_a_run(other_actions=names, folders=folders)
    except GuardRefused as error:
        return [str(error)]
    why = of_sources()
    return [f"no run may begin: {why}"] if why else []


def policy(folders: tuple[Path, ...] = ()) -> dict[str, Any] | None:
    """Path and SHA-256 of the policy that counts, `also` those of others; None where there is none; `problem` where one
    cannot be asked.
    """
    from chaoslib_ext.errors import BadFile
    from chaoslib_ext.safety import guard
    from chaoslib_ext.safety.policy_file import as_json

    try:
        return as_json(guard.policies(folders))
    except BadFile as error:
        return {"problem": str(error)}


def problems(
    experiment: dict[str, Any], configuration: dict[str, Any], secrets: dict[str, Any], source: str | None
) -> list[str]:
    """What would go wrong, one line each; empty when all is well, or when no action of ours would run.

    Raises ProxyError when no server can be asked.
    """
    if does_nothing(experiment):
        return []
    from chaoslib_ext.faults.faces import is_ours
    from chaoslib_ext.faults.on_link import Ahead
    from chaoslib_ext.plan.steps import steps

    found: dict[str, str] = {}  # one missing server is one problem, however many faults need it
    ahead = Ahead(configuration)
    for step in steps(experiment):
        ahead.comes_to(step.activity)
        if step.provider.get("module") in _FACES:
            for message in _of_one(experiment, step.activity, configuration, secrets, ahead):
                found.setdefault(message, _located(message, step.activity, source, step.place))
        ahead.leaves(step.activity, is_ours=is_ours(step.provider.get("module")))
    if not found:
        from chaoslib_ext.faults.preflight import too_many_links

        return [_at(source, ("method",), message) for message in too_many_links(experiment, configuration, secrets)]
    return list(found.values())


def without_value(experiment: dict[str, Any], configuration: dict[str, Any], source: str | None) -> list[str]:
    """Configuration whose probe failed: the host drops the name and goes on, with `${name}` left in every argument."""
    found = []
    for name, entry in (experiment.get("configuration") or {}).items():
        if isinstance(entry, dict) and entry.get("type") == "probe" and name not in configuration:
            provider = entry.get("provider") or {}
            asked = f"{provider['module']}.{provider.get('func')}" if "module" in provider else entry.get("name", "?")
            cure = "is a lab up? chaos lab up" if str(asked).startswith("chaoslib_ext.lab.") else "see chaostoolkit.log"
            found.append(_at(source, ("configuration", name), f"configuration {name}: {asked} gave no value; {cure}"))
    return found


def server(experiment: dict[str, Any]) -> dict[str, Any] | None:
    """URL, version and engine of the Toxiproxy that the faults will go to, and how it was found (`variable`, `known`,
    or `default`: nobody named it); None when no action of ours would run.

    Raises ProxyError when there is none.
    """
    if does_nothing(experiment) or not _ours(experiment):
        return None
    from chaoslib_ext.proxy.servers import VARIABLE, connect, known
    from chaoslib_ext.server_name import same_server

    client = connect()
    engine = next((one.engine for one in known() if same_server(one.url, client.url)), None)
    found_by = "variable" if os.environ.get(VARIABLE, "").strip() else "known" if engine else "default"
    return {"url": client.url, "version": client.version(), "engine": engine, "found_by": found_by}


def _ours(experiment: dict[str, Any]) -> list[tuple[tuple[Any, ...], dict[str, Any]]]:
    hypothesis = experiment.get("steady-state-hypothesis") or {}
    groups = (
        (("steady-state-hypothesis", "probes"), hypothesis.get("probes")),
        (("method",), experiment.get("method")),
        (("rollbacks",), experiment.get("rollbacks")),
    )
    return [
        ((*path, index), activity)
        for path, activities in groups
        for index, activity in enumerate(activities or [])
        if isinstance(activity, dict) and (activity.get("provider") or {}).get("module") in _FACES
    ]


def _of_one(
    experiment: dict[str, Any],
    activity: Mapping[str, Any],
    configuration: dict[str, Any],
    secrets: dict[str, Any],
    ahead: "Ahead",
) -> list[str]:
    from chaoslib_ext.faults.preflight import problems as asked

    alone = {**experiment, "steady-state-hypothesis": None, "method": [activity], "rollbacks": []}
    return asked(alone, configuration, secrets, ahead)


def _located(message: str, activity: Mapping[str, Any], source: str | None, place: tuple[Any, ...]) -> str:
    provider = activity["provider"]
    action = f"{provider['module']}.{provider.get('func')}: "
    message = message.removesuffix(".").removesuffix(". Nothing was injected")  # that is said once, for all of them
    return _at(source, place, message if message.startswith("actions.") else action + message)


def _at(source: str | None, place: tuple[Any, ...], says: str) -> str:
    line = line_of(source, place)
    where = os.path.relpath(source) if source and os.path.exists(source) else source
    return f"{where}{f':{line}' if line else ''}  {says}" if where else says
