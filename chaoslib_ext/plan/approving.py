"""What a second person would approve: each fault of an experiment, with the values and on the links that it has now."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from chaoslib_ext.clock import new_id
from chaoslib_ext.errors import ExtError
from chaoslib_ext.faults import permission
from chaoslib_ext.faults.faces import is_ours
from chaoslib_ext.faults.identity import asked
from chaoslib_ext.faults.preflight import FACES
from chaoslib_ext.safety.approvals import Asked
from chaoslib_ext.safety.approved_fault import ApprovedFault

from .answers import fill_in
from .experiment import Loaded
from .faults import Planned, planned
from .steps import Step, steps
from .values import named

__all__ = ["CannotBeApproved", "Seen", "seen"]

_FIELD_OF = {"proxy": "link", "type": "fault", "duration": "duration_s", "down_for": "duration_s", "up_for": "up_for_s"}
"""Argument of our actions -> field of the fault, where the names differ."""


class CannotBeApproved(ExtError):
    """What a fault would be is not known, so it cannot be looked at; the message says what to do."""


@dataclass(frozen=True)
class Seen:
    """All that an approval is bound to. `key` is empty where nothing comes from a secret."""

    asked: Asked
    faults: tuple[ApprovedFault, ...]
    key: str
    unseen: tuple[str, ...]
    """Actions that are not ours: what they would put in is not known."""


def seen(loaded: Loaded, code: Mapping[str, str]) -> Seen:
    """What would go in now. Asks the probes that give its faults their values, as each run does before anything else.

    Raises CannotBeApproved, with all that is not known.
    """
    every = list(steps(loaded.experiment))
    ours = [step for step in every if step.is_action and step.provider.get("module") in FACES]
    fill_in(loaded, probes=True, only=_needed(loaded, ours))
    identity = asked(loaded.experiment, loaded.configuration, loaded.secrets, code)
    key, faults, unknown = new_id(64), list[ApprovedFault](), list[str]()
    with permission.declared(permission.Declared(identity, has_control=True)):
        for one in (one for step in ours for one in planned(step, loaded, offline=False)):
            unknown += [f"{one.step.name}: {why}" for why in (*one.unresolved, one.problem) if why]
            faults += _of(one, loaded, key)
    if unknown:
        raise CannotBeApproved(
            "nothing is approved, for these faults are not known:",
            more=[
                *(f"  {one}" for one in dict.fromkeys(unknown)),
                "Give the values as the run will (--var, --var-file, variables), with the server up; "
                "then approve again",
            ],
        )
    others = [f"{one.name} ({one.calls})" for one in every if one.is_action and not is_ours(one.provider.get("module"))]
    is_keyed = any("hmac_sha256" in one.model_dump_json() for one in faults)
    return Seen(identity, tuple(_each_once(faults)), key if is_keyed else "", tuple(dict.fromkeys(others)))


def _needed(loaded: Loaded, ours: Sequence[Step]) -> set[str]:
    """Names of configuration that reach a fault, or the title, which the run's experiment is known by."""
    entries = loaded.experiment.get("configuration") or {}
    waiting = named([loaded.experiment.get("title"), *(step.provider.get("arguments") for step in ours)])
    found: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += named(entries.get(name))
    return found


def _of(one: Planned, loaded: Loaded, key: str) -> Iterator[ApprovedFault]:
    fields = set(_from_secrets(one.step, loaded))
    for hit in one.hits:
        yield hit.fault.without(fields, key)


def _from_secrets(step: Step, loaded: Loaded) -> Iterator[str]:
    """Fields of a fault whose argument names a secret; `attributes` may be any of them."""
    given = step.provider.get("arguments")
    known = {name for group in loaded.secrets.values() if isinstance(group, Mapping) for name in group}
    for argument, value in dict(given).items() if isinstance(given, Mapping) else []:
        if (known - set(loaded.configuration)) & set(named(value)):
            yield "*" if argument == "attributes" else _FIELD_OF.get(argument, str(argument))


def _each_once(faults: Sequence[ApprovedFault]) -> Iterator[ApprovedFault]:
    yield from (one for index, one in enumerate(faults) if one not in faults[:index])
