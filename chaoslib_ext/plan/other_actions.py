"""Actions of a method that no rule of a policy speaks of: what is no fault of ours, and may change something.

Decided by what an action does: a fault of ours goes through the policy's rules, taking faults back is always allowed,
and a question that only reads is harmless. What anything else changes is not known here.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from chaoslib_ext.faults.faces import is_ours

from .harmless import is_harmless
from .steps import Step, steps

__all__ = ["besides_faults", "changing", "not_looked_at", "only_reads"]

_CONTROL = "chaoslib_ext.control"


def besides_faults(experiment: Mapping[str, Any]) -> list[Step]:
    """The actions of the method that are no faults of ours and take none back."""
    acting = [step for step in steps(experiment) if step.part == "method" and step.is_action]
    return [step for step in acting if not _is_judged(step.provider)]


def changing(experiment: Mapping[str, Any], configuration: Mapping[str, Any], secrets: Mapping[str, Any]) -> list[Step]:
    """Those of them that may change something, by the arguments that they get."""
    return [step for step in besides_faults(experiment) if not only_reads(step, configuration, secrets)]


def only_reads(step: Step, configuration: Mapping[str, Any], secrets: Mapping[str, Any]) -> bool:
    """True if it is a question of ours that changes nothing, whatever its type says."""
    from chaoslib import substitute

    given = step.provider.get("arguments") or {}
    filled = substitute(dict(given), configuration, secrets) if isinstance(given, Mapping) else None
    return isinstance(filled, Mapping) and is_harmless(step.provider, filled)


def not_looked_at(
    experiment: Mapping[str, Any], configuration: Mapping[str, Any], secrets: Mapping[str, Any]
) -> Iterator[str]:
    """What of an experiment may change something as well, and is no action of its method: in words, with names."""
    for step in steps(experiment):
        if step.part == "rollbacks":
            if not _is_judged(step.provider):
                yield f"the rollback {step.name}"
        elif not step.is_action and not only_reads(step, configuration, secrets):
            yield f"the probe {step.name}"
    for name, entry in (experiment.get("configuration") or {}).items():
        if isinstance(entry, Mapping) and entry.get("type") == "probe":
            yield f"the configuration {name}"
    for control in _controls(experiment):
        provider = control.get("provider") if isinstance(control, Mapping) else None
        if not isinstance(provider, Mapping) or provider.get("module") != _CONTROL:
            yield f"the control {control.get('name', '?') if isinstance(control, Mapping) else '?'}"


def _controls(experiment: Mapping[str, Any]) -> Iterator[Any]:
    """Those that are written out: at the top, on the hypothesis and on activities."""
    hypothesis = experiment.get("steady-state-hypothesis") or {}
    for holder in (experiment, hypothesis, *(step.activity for step in steps(experiment))):
        found = holder.get("controls")
        for one in found if isinstance(found, list) else []:
            if not (isinstance(one, Mapping) and "ref" in one):
                yield one


def _is_judged(provider: Mapping[str, Any]) -> bool:
    module = provider.get("module")
    is_action = provider.get("type") == "python" and isinstance(module, str) and module.startswith("actions.")
    return is_action and is_ours(module)
