"""The parts of an experiment, each with the way to it; what has not the shape it should have is passed over."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from .tree import Path

__all__ = ["Step", "activities", "controls", "list_of", "mapping", "steps_of", "texts"]

Section = Literal["hypothesis", "method", "rollbacks", "configuration", "tolerance", "argument"]
HYPOTHESIS = "steady-state-hypothesis"
_OURS = ("actions", "probes", "chaoslib_ext")


@dataclass(frozen=True)
class Step:
    """An activity where it stands; a probe of the configuration, of a tolerance or of an argument is one too."""

    section: Section
    path: Path
    data: dict[Any, Any]
    provider_at: Path | None = None

    @property
    def name(self) -> str:
        """Its name, or its number."""
        return str(self.data.get("name") or self.path[-1])

    @property
    def provider(self) -> dict[Any, Any]:
        """Its provider; empty where there is none."""
        return mapping(self.data.get("provider"))

    @property
    def kind(self) -> str | None:
        """The provider's type: python, http, process; None where it is no text."""
        kind = self.provider.get("type")
        return kind if isinstance(kind, str) else None

    @property
    def arguments(self) -> Any:
        """What the provider passes on."""
        return self.provider.get("arguments")

    @property
    def is_ours(self) -> bool:
        """Does it call a function of ours? Told by the name alone: nothing is imported to find out."""
        module = self.provider.get("module")
        return isinstance(module, str) and module.partition(".")[0] in _OURS

    @property
    def at(self) -> Path:
        """The way to its provider."""
        return self.provider_at or (*self.path, "provider")


def mapping(value: Any) -> dict[Any, Any]:
    """The value where it is a mapping, else an empty one."""
    return value if isinstance(value, dict) else {}


def list_of(value: Any) -> list[Any]:
    """The value where it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def steps_of(data: dict[Any, Any], section: Literal["hypothesis", "method", "rollbacks"]) -> list[Step]:
    """The activities of one section, references too."""
    way: Path = (HYPOTHESIS, "probes") if section == "hypothesis" else (section,)
    found: Any = data
    for key in way:
        found = mapping(found).get(key)
    return [Step(section, (*way, n), one) for n, one in enumerate(list_of(found)) if isinstance(one, dict)]


def activities(data: dict[Any, Any]) -> list[Step]:
    """All that is called: hypothesis, method, rollbacks, dynamic configuration, tolerances, and the probes that
    `probes.eventually` is given. No references.
    """
    found = [step for section in ("hypothesis", "method", "rollbacks") for step in steps_of(data, section)]
    for step in list(found):
        tolerance = step.data.get("tolerance")
        if isinstance(tolerance, dict) and tolerance.get("type") == "probe":
            found.append(Step("tolerance", (*step.path, "tolerance"), tolerance))
    for key, value in mapping(data.get("configuration")).items():
        if isinstance(value, dict) and value.get("type") == "probe":
            found.append(Step("configuration", ("configuration", key), value))
    found = [step for step in found if "ref" not in step.data]
    return [*found, *(given for step in found for given in _given(step))]


def _given(step: Step) -> Iterator[Step]:
    """The probe that a probe of ours asks again and again: module, func and arguments, without a provider around."""
    probe = mapping(step.arguments).get("probe")
    if step.provider.get("module") == "probes.eventually" and isinstance(probe, dict):
        at = (*step.at, "arguments", "probe")
        provider = {"type": "python", "arguments": {}, **probe}
        yield Step("argument", at, {"type": "probe", "name": step.name, "provider": provider}, at)


def controls(data: dict[Any, Any]) -> list[tuple[Path, dict[Any, Any]]]:
    """All controls, at the top, in the hypothesis and at activities; references too."""
    holders: list[tuple[Path, dict[Any, Any]]] = [((), data), ((HYPOTHESIS,), mapping(data.get(HYPOTHESIS)))]
    for section in ("hypothesis", "method", "rollbacks"):
        holders += [(step.path, step.data) for step in steps_of(data, section)]
    return [
        ((*path, "controls", n), one)
        for path, holder in holders
        for n, one in enumerate(list_of(holder.get("controls")))
        if isinstance(one, dict)
    ]


def texts(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    """Every text in it, with the way there."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from texts(one, (*path, key))
    elif isinstance(value, list):
        for number, one in enumerate(value):
            yield from texts(one, (*path, number))
