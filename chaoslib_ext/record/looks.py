"""Was anything asked while a fault was on? Told by the order of a record's events, so that no clock decides it.

A look is a sample of the steady-state hypothesis or of a guard, or a probe of the method that states a tolerance.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .story import seconds_between

__all__ = ["never_asked"]

_HEALED = ("deadline", "hand")
"""Reasons of an undo that took a fault out before the end of its run: its duration, or an action of the experiment."""


@dataclass(frozen=True)
class _Span:
    """From one event to another; `end` None: until the end of the run."""

    begin: dict[str, Any]
    end: dict[str, Any] | None

    def holds(self, look: "_Span") -> bool:
        """Did the look begin in it, or take most of its time in it?"""
        if self.end is not None and self.end["seq"] < look.begin["seq"]:
            return False
        return self.begin["seq"] < look.begin["seq"] or self._most_of(look)

    def _most_of(self, look: "_Span") -> bool:
        if look.end is None or look.end["seq"] < self.begin["seq"]:
            return False
        last = self.end if self.end and self.end["seq"] < look.end["seq"] else look.end
        whole = seconds_between(look.begin["time"], look.end["time"])
        return seconds_between(self.begin["time"], last["time"]) > whole / 2


def never_asked(found: list[dict[str, Any]]) -> str | None:
    """Why the answer of this run says nothing about its faults; None where a look fell into the time of one.

    None also where nothing was asked at all, and where a fault ended before its run did and a look came behind it:
    such a run asks whether the steady state comes back.
    """
    faults, looks = list(_faults(found)), list(_looks(found))
    if not faults or not looks or any(_is_answered(fault, look) for fault in faults for look in looks):
        return None
    on = dict.fromkeys(f"{one.begin['data'].get('fault')} was on {_proxy(one.begin)}" for one in faults)
    return (
        f"no probe was asked while {', '.join(on)}; ask after the fault: put a pause or a probe with a tolerance "
        "behind it, or have the hypothesis asked after the method"
    )


def _is_answered(fault: _Span, look: _Span) -> bool:
    has_healed = fault.end is not None and fault.end["data"].get("reason") in _HEALED
    return fault.holds(look) or (has_healed and fault.end["seq"] < look.begin["seq"])  # type: ignore[index]


def _faults(found: list[dict[str, Any]]) -> Iterator[_Span]:
    ends = {event["data"].get("id"): event for event in reversed(found) if event["kind"] == "fault.undone"}
    for event in found:
        if event["kind"] == "fault.applied":
            yield _Span(event, ends.get(event["data"].get("undo")))


def _looks(found: list[dict[str, Any]]) -> Iterator[_Span]:
    ends = {event["data"].get("n"): event for event in found if event["kind"] == "activity.completed"}
    guards: dict[Any, dict[str, Any]] = {}
    for event in found:
        data = event["data"]
        if event["kind"] == "activity.started" and _asks(data):
            yield _Span(event, ends.get(data.get("n")))
        elif event["kind"] == "guard.sampled":  # it began behind the one before
            yield _Span(guards.get(data.get("guard"), event), event)
            guards[data.get("guard")] = event


def _asks(data: dict[str, Any]) -> bool:
    activity = data.get("activity") or {}
    is_look = data.get("where") in ("before", "during", "after") or "tolerance" in activity
    return activity.get("type") == "probe" and is_look and data.get("where") != "rollbacks"


def _proxy(applied: dict[str, Any]) -> str:
    return str((applied["data"].get("target") or {}).get("proxy", "its link"))
