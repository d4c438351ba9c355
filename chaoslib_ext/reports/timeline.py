"""A run drawn as bars over seconds: when the steady state was sampled, what was done, which faults were on."""

from dataclasses import dataclass
from typing import Literal

from chaoslib_ext.record.story import Story, seconds_between

from . import words

__all__ = ["Bar", "Lane", "Timeline", "timeline"]

_LEFT, _WIDTH, _ROW, _TOP = 172.0, 800.0, 30.0, 8.0
_NARROWEST = 3.0  # a bar that is shorter would not be seen
_MOST_LANES = 12
_STEPS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21600, 86400)

_SIGNED = ("good", "bad", "unknown")  # their mark begins with a sign, so that colour does not stand alone
Kind = Literal["good", "bad", "step", "fault", "unknown"]


@dataclass(frozen=True)
class Bar:
    """One bar: where it is drawn, what it says, of which kind it is."""

    x: float
    width: float
    kind: Kind
    says: str
    mark: str


@dataclass(frozen=True)
class Lane:
    """One row of bars with its name."""

    name: str
    y: float
    bars: tuple[Bar, ...]


@dataclass(frozen=True)
class Timeline:
    """All of it, in the units of the drawing; `ticks` are (x, label)."""

    lanes: tuple[Lane, ...]
    ticks: tuple[tuple[float, str], ...]
    height: float
    left: float = _LEFT
    width: float = _WIDTH
    row: float = _ROW
    left_out: int = 0


def timeline(story: Story) -> Timeline:
    """Lay the run out: one lane for the steady state, one for the steps, one for each fault."""
    scale = _Scale(story)
    named = [("Steady state", _phases(story, scale)), ("Steps", _steps(story, scale))]
    named += [(_fault_name(index, story), (bar,)) for index, bar in enumerate(_faults(story, scale))]
    filled = [(name, bars) for name, bars in named if bars]
    lanes = tuple(
        Lane(name, _TOP + index * _ROW, tuple(bars)) for index, (name, bars) in enumerate(filled[:_MOST_LANES])
    )
    height = _TOP + len(lanes) * _ROW + 24
    return Timeline(lanes, scale.ticks(), height, left_out=max(0, len(filled) - _MOST_LANES))


class _Scale:
    def __init__(self, story: Story) -> None:
        self.start = story.started
        ends = [seconds_between(story.started, fault.undone_at) for fault in story.faults if fault.undone_at]
        self.seconds = max(0.1, story.seconds, *ends) if ends else max(0.1, story.seconds)

    def bar(self, start: str, seconds: float, kind: Kind, says: str, mark: str = "") -> Bar:
        at = min(max(0.0, seconds_between(self.start, start)), self.seconds)
        room = _WIDTH - _LEFT - 8
        x = _LEFT + at / self.seconds * room
        width = min(max(_NARROWEST, seconds / self.seconds * room), _WIDTH - x)
        shown = next((one for one in (mark, mark[:1] if kind in _SIGNED else "") if width > 7 * len(one) + 2), "")
        return Bar(round(x, 1), round(width, 1), kind, says, shown)

    def ticks(self) -> tuple[tuple[float, str], ...]:
        step = next((step for step in _STEPS if self.seconds / step <= 8), self.seconds / 8)
        count = int(self.seconds / step) + 1
        room = _WIDTH - _LEFT - 8
        at = [number * step for number in range(count)]
        return tuple((round(_LEFT + one / self.seconds * room, 1), f"{one:g} s") for one in at if one < self.seconds)


def _phases(story: Story, scale: _Scale) -> tuple[Bar, ...]:
    bars = []
    for phase in story.phases:
        if phase.samples:
            first, last = phase.samples[0], phase.samples[-1]
            seconds = seconds_between(first.start, last.start) + last.seconds
            kind: Kind = "unknown" if phase.met is None else "good" if phase.met else "bad"
            word = {"good": "met", "bad": "not met", "unknown": "not judged"}[kind]
            says = f"{phase.when}: {word}, {seconds:.1f} s"
            bars.append(
                scale.bar(first.start, seconds, kind, says, {"good": "✓", "bad": "✗ not met", "unknown": "?"}[kind])
            )
    return tuple(bars)


def _steps(story: Story, scale: _Scale) -> tuple[Bar, ...]:
    return tuple(
        scale.bar(
            step.start,
            step.seconds,
            "step" if step.status == "succeeded" else "bad",
            f"{step.name}: {step.status}, {step.seconds:.1f} s",
            step.name if step.status == "succeeded" else f"✗ {step.name}",
        )
        for step in story.steps
    )


def _faults(story: Story, scale: _Scale) -> tuple[Bar, ...]:
    bars = []
    for fault in story.faults:
        until = fault.undone_at or story.ended
        seconds = seconds_between(fault.put_at, until) if until else scale.seconds
        bars.append(scale.bar(fault.put_at, seconds, "fault", f"{words.effect(fault.evidence)}, {seconds:.1f} s"))
    return tuple(bars)


def _fault_name(index: int, story: Story) -> str:
    evidence = story.faults[index].evidence
    name = f"{evidence.get('fault')} {evidence.get('target', {}).get('proxy', '')}"
    return name if len(name) <= 27 else f"{name[:26]}…"
