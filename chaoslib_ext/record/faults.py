"""The faults of a record: each from the moment it was applied, with its evidence as far as anybody came to take it."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

__all__ = ["Fault", "faults_of"]


@dataclass(frozen=True)
class Fault:
    """What was put on one target, its evidence (`model.Evidence`), and what became of it (`model.UndoResult`).

    In the evidence of one that nobody came to measure, `measured` is None.
    """

    evidence: dict[str, Any]
    put_at: str
    undo: dict[str, Any] | None = None
    undone_at: str | None = None

    @property
    def is_measured(self) -> bool:
        """Did the link itself show it, or show that it is not there? Else nothing proves that it was felt."""
        return self.evidence.get("bit") is not None

    def as_json(self) -> dict[str, Any]:
        """The same as plain data."""
        return {**asdict(self), "measured": self.is_measured}


def faults_of(found: list[dict[str, Any]]) -> list[Fault]:
    """Those of these events, in the order they were applied."""
    ends = {event["data"].get("id"): event for event in found if event["kind"].startswith("fault.undo")}
    again = {event["data"].get("id"): event["data"] for event in found if event["kind"] == "fault.remeasured"}
    return [
        Fault(evidence, put_at, {**end["data"], **again.get(number, {})} if end else None, end["time"] if end else None)
        for number, evidence, put_at in _put(found)
        for end in [ends.get(number)]
    ]


def _put(found: list[dict[str, Any]]) -> Iterator[tuple[Any, dict[str, Any], str]]:
    """Number, evidence, and when it was applied."""
    applied: dict[Any, dict[str, Any]] = {}
    times: dict[Any, str] = {}
    for event in found:
        data = event["data"]
        number = data.get("undo", f"event {event['seq']}")
        if event["kind"] == "fault.applied":
            applied[number] = _unmeasured(data)
        elif event["kind"] == "fault.confirmed" and number in applied:
            applied[number].update(toxic=data.get("toxic"), confirmed=True)
        elif event["kind"] == "fault.measured":
            applied[number] = data
        if number in applied:
            times.setdefault(number, event["time"])
    for number, evidence in applied.items():
        yield number, evidence, times[number]


def _unmeasured(data: dict[str, Any]) -> dict[str, Any]:
    nowhere = {"server": "", "proxy": "?", "listen": "", "upstream": ""}
    return {
        "undo": data.get("undo"),
        "fault": data.get("fault"),
        "target": {**nowhere, **(data.get("target") or {})},
        "toxic": None,
        "confirmed": False,
        "bit": None,
        "measured": None,
    }
