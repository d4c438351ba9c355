"""What the faults of an experiment would hit, how each is taken back, and what the policy says: rehearsed, not done."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from chaoslib_ext.clock import SYSTEM, Clock
from chaoslib_ext.errors import ExtError, GuardRefused
from chaoslib_ext.faults import permission
from chaoslib_ext.faults.fault import Fault
from chaoslib_ext.faults.on_link import Ahead, on_link
from chaoslib_ext.faults.preflight import called
from chaoslib_ext.faults.rehearsal import Rehearsed, rehearsing
from chaoslib_ext.faults.targets import is_glob, patterns
from chaoslib_ext.links.known import expanded
from chaoslib_ext.model import Target
from chaoslib_ext.proxy.state import ProxyState
from chaoslib_ext.safety.approved_fault import ApprovedFault
from chaoslib_ext.safety.decision import Ruling
from chaoslib_ext.safety.strength import OnLink

from .experiment import Loaded
from .steps import Step
from .values import lacking

__all__ = ["Hit", "Planned", "planned"]

RUN = "RUN"
"""Stands for the id that the run will get."""

_SOMEWHERE = Target(server="its server", proxy="", listen="", upstream="")


@dataclass(frozen=True)
class Hit:
    """One fault on one target, as an approval would hold it; `undo` in words."""

    target: Target
    fault: ApprovedFault
    ruling: Ruling
    undo: str
    service: str | None
    tags: tuple[str, ...]
    senseless: str | None = None


@dataclass(frozen=True)
class Planned:
    """One action of ours. `says` is empty for one that only takes back; `problem` tells why it would fail."""

    step: Step
    kind: str = ""
    says: str = ""
    share: float = 1.0
    duration_s: float | None = None
    hits: tuple[Hit, ...] = ()
    unresolved: tuple[str, ...] = ()
    problem: str | None = None

    def as_json(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "activity": self.step.name,
            "calls": self.step.calls,
            "fault": self.kind or None,
            "says": self.says or None,
            "share_of_connections": self.share if self.says else None,
            "duration_s": self.duration_s,
            "reversibility": "reversible" if self.says else None,
            "unresolved": list(self.unresolved),
            "problem": self.problem,
            "targets": [
                {
                    **one.target.model_dump(),
                    "undo": one.undo,
                    "service": one.service,
                    "tags": list(one.tags),
                    "senseless": one.senseless,
                    "policy": one.ruling.as_json(),
                }
                for one in self.hits
            ],
        }


def planned(
    step: Step, loaded: Loaded, *, offline: bool, ahead: Ahead | None = None, clock: Clock = SYSTEM
) -> list[Planned]:
    """What one action of ours would do; one entry a fault, one without a fault if it puts none in."""
    missing = lacking(step.provider.get("arguments"), loaded)
    if missing:
        return [Planned(step, unresolved=(missing,))]
    heard, problem = _rehearsed(step, loaded, offline=offline)
    if problem and not heard.faults and not offline:  # without its server there are words for it all the same
        heard, _ = _rehearsed(step, loaded, offline=True)
    if not heard.faults:
        return [Planned(step, problem=problem)]
    ahead = ahead or Ahead(loaded.configuration)
    return [_planned(step, fault, heard, index, problem, ahead, clock) for index, (fault, _) in enumerate(heard.faults)]


def _rehearsed(step: Step, loaded: Loaded, *, offline: bool) -> tuple[Rehearsed, str | None]:
    """What was heard at the door, and what the action would fail with; a refusal is looked into target by target."""
    with rehearsing(offline=offline) as heard:
        try:
            called(step.provider, loaded.configuration, loaded.secrets)
        except GuardRefused:
            return heard, None
        except ExtError as error:
            return heard, str(error).removesuffix(".").removesuffix(". Nothing was injected")
        except Exception as error:  # a value of a kind that nobody thought of
            return heard, f"{type(error).__name__}: {error}"
    return heard, None


def _planned(
    step: Step, fault: Fault, heard: Rehearsed, index: int, problem: str | None, ahead: Ahead, clock: Clock
) -> Planned:
    unresolved: tuple[str, ...] = ()
    if heard.offline:
        hits, unresolved = _offline(fault, ahead, clock)
    else:
        hits = _hits(fault, heard.faults[index][1], ahead, clock)
    share = fault.strength().get("toxicity", 1.0)
    return Planned(step, fault.kind, fault.says(), share, fault.duration, tuple(hits), unresolved, problem)


def _hits(fault: Fault, targets: Sequence[tuple[ProxyState, Target]], ahead: Ahead, clock: Clock) -> list[Hit]:
    found: list[Hit] = []
    for state, target in targets:
        besides = [one.target for one in found]
        undo = fault.way_back(target, f"cx-{RUN}-{fault.kind}").says
        on = (*on_link(target, state), *ahead.on(target))
        found.append(_hit(fault, target, undo, besides, on, clock, fault.refusal(state)))
    ahead.puts(fault, [one.target for one in found if one.ruling.allowed])
    return found


def _hit(
    fault: Fault,
    target: Target,
    undo: str,
    besides: Sequence[Target],
    on: Sequence[OnLink],
    clock: Clock,
    senseless: str | None = None,
) -> Hit:
    described = permission.described(target)
    tags = tuple(sorted({tag for link in described for tag in link.tags}))
    service = next((link.service for link in described if link.service), None)
    ruling = permission.ruling(fault, target, besides=besides, on=lambda: on, clock=clock)
    as_approved = permission.as_approved(fault, target)
    return Hit(target, as_approved, ruling, undo, service, tags, senseless)


def _offline(fault: Fault, ahead: Ahead, clock: Clock) -> tuple[list[Hit], tuple[str, ...]]:
    """Names are taken at their word, tags and services by the links files; a glob means nothing without a server."""
    found: list[Hit] = []
    unresolved: list[str] = []
    for word in patterns(fault.proxy):
        try:
            names = expanded([word])
        except ExtError as error:
            unresolved.append(str(error).removesuffix(". Nothing was touched"))
            continue
        for name in names:
            if is_glob(name):
                unresolved.append(f"which proxies {name} means, only the server knows")
            else:
                target = Target(server="", proxy=name, listen="", upstream="")
                undo = fault.way_back(_SOMEWHERE.model_copy(update={"proxy": name}), f"cx-{RUN}-{fault.kind}").says
                besides = [one.target for one in found]
                found.append(_hit(fault, target, undo, besides, ahead.on(target), clock))
    ahead.puts(fault, [one.target for one in found if one.ruling.allowed])
    return found, tuple(unresolved)
