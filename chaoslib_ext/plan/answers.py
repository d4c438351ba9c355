"""What probes answer, each asked once before a run: those of ours that only read, and others only when it was said."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from chaoslib_ext.clean_text import one_line
from chaoslib_ext.faults.preflight import called
from chaoslib_ext.record.encode import plain
from chaoslib_ext.record.redact import Redactor

from .experiment import Loaded
from .harmless import asked_once, is_harmless
from .steps import Step
from .values import lacking

__all__ = ["Answer", "answer", "fill_in"]


@dataclass(frozen=True)
class Answer:
    """One probe, asked or not. `is_tolerated` is None where that was not judged."""

    name: str
    asked: bool
    says: str
    value: Any = None
    is_tolerated: bool | None = None
    problem: str | None = None

    def as_json(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "probe": self.name,
            "asked": self.asked,
            "says": self.says,
            "value": self.value,
            "tolerated": self.is_tolerated,
            "problem": self.problem,
        }


def fill_in(loaded: Loaded, *, probes: bool, only: Collection[str] | None = None) -> None:
    """Ask the probes that give configuration its values, as far as they may be asked; the rest stays unresolved.

    `only`: of these names alone.
    """
    for name, entry in (loaded.experiment.get("configuration") or {}).items():
        if name not in loaded.unresolved or entry.get("type") != "probe":
            continue  # it is known, perhaps because a person gave it another value
        if only is not None and name not in only:
            continue
        step = Step("steady-state-hypothesis", ("configuration", name), entry)
        found = answer(step, loaded, probes=probes)
        if found.asked and not found.problem:
            loaded.configuration[name] = found.value
            del loaded.unresolved[name]
        else:
            loaded.unresolved[name] = found.problem or f"its probe was {found.says}"
            if found.problem:
                loaded.without_value.add(name)


def answer(step: Step, loaded: Loaded, *, probes: bool) -> Answer:
    """Ask one probe once, and hold its answer against its tolerance."""
    arguments = _arguments(step, loaded)
    missing = lacking(step.provider, loaded)
    if missing:
        return Answer(step.name, False, f"not asked: {missing}")
    redactor = Redactor()
    redactor.learn(loaded.secrets)
    redactor.learn_telling(loaded.configuration)
    return _hidden(_asked(step, arguments, loaded, probes=probes), redactor)


def _hidden(found: Answer, redactor: Redactor) -> Answer:
    """The answer without any secret: a plan is shown to people, and sent around."""
    problem = redactor.text(found.problem) if found.problem else None
    return replace(found, says=redactor.text(found.says), value=redactor.hidden(found.value), problem=problem)


def _asked(step: Step, arguments: dict[str, Any], loaded: Loaded, *, probes: bool) -> Answer:
    harmless = is_harmless(step.provider, arguments)
    if not harmless and not probes:
        return Answer(step.name, False, f"not asked: {_why(step, arguments)}; --probes asks it")
    once = asked_once(step.provider, arguments) if harmless else arguments
    try:
        value = _value(step, once, loaded, harmless)
    except Exception as error:  # whatever a probe raises, it is an answer that did not come
        return Answer(step.name, True, "no answer", problem=f"{step.name} does not answer: {_reason(error)}")
    return _judged(step, value, loaded, is_whole=once == arguments)


def _arguments(step: Step, loaded: Loaded) -> dict[str, Any]:
    from chaoslib import substitute

    given = step.provider.get("arguments")
    return dict(substitute(dict(given), loaded.configuration, {})) if isinstance(given, Mapping) else {}


def _why(step: Step, arguments: Mapping[str, Any]) -> str:
    if step.provider.get("module") == "probes.http" and "method" in arguments:
        return f"it sends {arguments['method']}, which may change something"
    if step.provider.get("module") == "probes.sql":
        return "its query calls a function, which may change something"
    return "whether it changes something is not known here"


def _value(step: Step, arguments: Mapping[str, Any], loaded: Loaded, harmless: bool) -> Any:
    if harmless:
        return called({**step.provider, "arguments": arguments}, loaded.configuration, loaded.secrets)
    from chaoslib.activity import run_activity

    value = run_activity(dict(step.activity), loaded.configuration, loaded.secrets)
    if isinstance(value, dict) and step.place[0] == "configuration":  # as the host does (chaoslib/configuration.py)
        return value["stdout"].strip() if "stdout" in value else value.get("body", value)
    return value


def _judged(step: Step, value: Any, loaded: Loaded, *, is_whole: bool) -> Answer:
    shown = plain(value)
    tolerance = step.activity.get("tolerance")
    if tolerance is None:
        return Answer(step.name, True, "answered", shown)
    if isinstance(tolerance, Mapping) and tolerance.get("type") == "probe":
        return Answer(step.name, True, "answered; another probe judges it in the run", shown)
    from chaoslib.hypothesis import within_tolerance

    try:
        is_met = bool(within_tolerance(tolerance, value, loaded.configuration, loaded.secrets))
    except Exception as error:  # in the run this ends everything (the host does not catch it)
        problem = f"{step.name}: its tolerance cannot be held against {shown!r}: {_reason(error)}"
        return Answer(step.name, True, "answered", shown, problem=problem)
    said = "within its tolerance" if is_met else "outside of its tolerance"
    if not is_whole:
        return Answer(step.name, True, f"{said}, asked once", shown, is_met)
    against = None if is_met else f"{step.name} is outside of its tolerance now, so nothing would be injected"
    return Answer(step.name, True, said, shown, is_met, against)


def _reason(error: Exception) -> str:
    return one_line(str(error)) or type(error).__name__
