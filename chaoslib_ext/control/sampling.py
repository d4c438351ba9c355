"""The steady state, sampled by us and not by the host: quietly, at any time, and without crashing on any value.

The same questions in the same order, and the same tolerances (chaoslib/hypothesis.py, `run_steady_state_hypothesis`),
but no log lines, no controls, no events; what the host lets crash a run is here a sample that is not good.
"""

import traceback
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from chaoslib_ext.record.phrases import expected, reason, value_in_words

__all__ = ["Sample", "is_tolerated", "probes_in", "sample"]


@dataclass(frozen=True)
class Sample:
    """One look. `missed` is empty when all was as it should be, else it says in words what was not."""

    missed: str
    value: Any = None

    @property
    def is_good(self) -> bool:
        """Was everything within its tolerance?"""
        return not self.missed


def probes_in(experiment: dict[str, Any]) -> list[dict[str, Any]]:
    """The probes of the steady state, those that are a `ref` looked up."""
    from chaoslib.caching import lookup_activity

    hypothesis = experiment.get("steady-state-hypothesis") or {}
    found = []
    for probe in hypothesis.get("probes") or []:
        real = lookup_activity(probe["ref"]) if probe.get("ref") else probe
        if real:
            found.append({**real, **({"tolerance": probe["tolerance"]} if "tolerance" in probe else {})})
    return found


def sample(probes: Iterable[dict[str, Any]], configuration: Any, secrets: Any) -> Sample:
    """Ask each until one is not as it should be. Never raises for what a probe does, its `sys.exit` included."""
    value = None
    for probe in probes:
        name = probe.get("name")
        try:
            value = _taken(probe, configuration, secrets)
            if not is_tolerated(probe.get("tolerance"), value, configuration, secrets):
                wanted = expected(probe.get("tolerance"))
                return Sample(f'"{name}" was {value_in_words(value)}, not {wanted}', value)
        except (Exception, SystemExit) as error:
            said = reason({"exception": traceback.format_exception_only(error)})
            return Sample(f'"{name}" could not be taken: {said}')
    return Sample("", value)


def _taken(probe: dict[str, Any], configuration: Any, secrets: Any) -> Any:
    from chaoslib.activity import run_activity

    return run_activity(probe, configuration, secrets)


def is_tolerated(tolerance: Any, value: Any, configuration: Any, secrets: Any) -> bool:
    """Is the value within it, as the host judges? Raises what the host raises for a value it does not expect."""
    from chaoslib import substitute
    from chaoslib.hypothesis import within_tolerance

    if isinstance(tolerance, str):
        tolerance = substitute(tolerance, configuration, secrets)
    return bool(within_tolerance(tolerance, value, configuration=configuration, secrets=secrets))
