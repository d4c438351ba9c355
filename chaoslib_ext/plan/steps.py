"""The activities of an experiment in the order they run, references followed: where each stands and what it calls."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from chaoslib_ext.clean_text import one_line

__all__ = ["Part", "Step", "steps"]

Part = Literal["steady-state-hypothesis", "method", "rollbacks"]


@dataclass(frozen=True)
class Step:
    """One activity; `place` is its path in the file, such as `("method", 0)`."""

    part: Part
    place: tuple[Any, ...]
    activity: Mapping[str, Any]

    @property
    def name(self) -> str:
        """As its author calls it."""
        return one_line(str(self.activity.get("name") or self.calls))

    @property
    def is_action(self) -> bool:
        """Does it do something, or ask?"""
        return self.activity.get("type") == "action"

    @property
    def provider(self) -> Mapping[str, Any]:
        """What it calls, as written; empty where it is no mapping."""
        provider = self.activity.get("provider")
        return provider if isinstance(provider, Mapping) else {}

    @property
    def calls(self) -> str:
        """`actions.toxics.add_latency`, `process kubectl` or `http POST http://...`."""
        kind = self.provider.get("type")
        if kind == "process":
            return f"process {self.provider.get('path', '?')}"
        if kind == "http":
            return f"http {self.provider.get('method') or 'GET'} {self.provider.get('url', '?')}"
        return f"{self.provider.get('module', '?')}.{self.provider.get('func', '?')}"


def steps(experiment: Mapping[str, Any]) -> Iterator[Step]:
    """Every activity; one that refers to another by a name nobody has is left out, as is what is no mapping."""
    hypothesis = experiment.get("steady-state-hypothesis") or {}
    named = {str(one.get("name")): one for _, _, one in _all(experiment, hypothesis) if "name" in one}
    for part, place, activity in _all(experiment, hypothesis):
        found = named.get(str(activity["ref"])) if "ref" in activity else activity
        if found is not None:
            yield Step(part, place, found)


def _all(
    experiment: Mapping[str, Any], hypothesis: Mapping[str, Any]
) -> Iterator[tuple[Part, tuple[Any, ...], Mapping[str, Any]]]:
    parts: list[tuple[Part, tuple[Any, ...], Any]] = [
        ("steady-state-hypothesis", ("steady-state-hypothesis", "probes"), hypothesis.get("probes")),
        ("method", ("method",), experiment.get("method")),
        ("rollbacks", ("rollbacks",), experiment.get("rollbacks")),
    ]
    for part, path, activities in parts:
        for index, activity in enumerate(activities or []):
            if isinstance(activity, Mapping):
                yield part, (*path, index), activity
