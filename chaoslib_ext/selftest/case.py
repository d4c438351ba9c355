"""A case: one run, what is done to it and where; and what came of it. Its id is enough to do it again."""

from dataclasses import dataclass, field
from typing import Any

from chaoslib_ext.clock import chance
from chaoslib_ext.errors import BadInput

from . import endings, scenarios
from .endings import Ending
from .point import Point, When, parse
from .scenarios import Scenario
from .victim import Strike

__all__ = ["Case", "Kill", "Outcome", "case_of"]

_WHO = ("run", "run", "run", "group", "watchdog", "both")
"""Who is killed at random: the run itself half of the time."""


@dataclass(frozen=True)
class Kill:
    """A kill at a moment drawn from a seed: `who`, and when, as a share of the time that a run takes."""

    seed: str
    who: str
    share: float

    @classmethod
    def of(cls, seed: str) -> "Kill":
        """The same seed gives the same kill."""
        draw = chance(seed)
        return cls(seed, draw.choice(_WHO), draw.uniform(0, 1.1))


@dataclass(frozen=True)
class Case:
    """One run of `scenario`: ended at a point, or killed at random, or only traced."""

    scenario: Scenario
    point: Point | None = None
    when: When = "before"
    ending: Ending | None = None
    kill: Kill | None = None

    @property
    def id(self) -> str:
        """As it is typed after --case."""
        if self.kill:
            return f"{self.scenario.name}: kill {self.kill.seed}"
        if self.point and self.ending:
            return f"{self.scenario.name}: {self.point.name(self.when)}: {self.ending.name}"
        return f"{self.scenario.name}: trace"

    @property
    def is_trace(self) -> bool:
        """Is nothing done to it?"""
        return self.point is None and self.kill is None

    @property
    def strikes(self) -> tuple[Strike, ...]:
        """For the child."""
        own = (Strike(self.point.name(self.when), self.ending.do),) if self.point and self.ending else ()
        return (*self.scenario.strikes, *own)

    @property
    def ends_run(self) -> bool:
        """Does the blow itself end the run (so that from there on the time counts until all is clean)?"""
        if self.kill:
            return self.kill.who != "watchdog"
        is_ending = self.ending in endings.ENDINGS or self._is_stopped
        return is_ending and self.point is not None and (self.point.role != "watchdog" or self.ending is endings.BOTH)

    @property
    def hangs(self) -> bool:
        """Does the run hang, of itself or by the blow? Then its faults stay in until its lease is over."""
        return self._is_stopped or self.scenario.last == "SIGSTOP"

    @property
    def _is_stopped(self) -> bool:
        return self.ending is not None and "SIGSTOP" in self.ending.do

    @property
    def is_without_threads(self) -> bool:
        """Can its processes start no thread? Then a watchdog that is just starting never gets ready."""
        return self.ending is not None and self.ending.do[0] == "no-threads"

    @property
    def leaves_to_command(self) -> bool:
        """May something be left to the next command of a person?"""
        if self.kill:
            return self.kill.who == "both"
        by_ending = self.ending is not None and self.ending.leaves_to_command
        nobody_else = ("watchdog", "player", "hand") if self.scenario.dies else ("player", "hand")
        by_role = self.point is not None and self.point.role in nobody_else
        has_nobody = self.scenario.after_dead or self.scenario.with_watchdog or self.scenario is scenarios.LATE
        return by_ending or by_role or has_nobody


@dataclass(frozen=True)
class Outcome:
    """What came of a case. `left`: what was wrong afterwards, in words; empty is good."""

    case: Case
    left: tuple[str, ...] = ()
    seconds: float | None = None
    """Until nothing of ours was in the world: from the blow, if that ended the run, else from the run's end; where
    the next command had to do it, how long that took. None: the run never came by the point.
    """
    by_command: bool = False
    exit_code: int | None = None
    took: float = 0.0
    points: tuple[Point, ...] = field(default=(), repr=False)
    """What was traced."""
    said: str = field(default="", repr=False)
    """The end of what its processes printed."""
    options: str = ""
    """Of the command, where they are not the usual ones: ` --engine go`."""

    @property
    def repeat(self) -> str:
        """The command that does it again."""
        return f"chaos selftest{self.options} --case '{self.case.id}'"

    @property
    def was_reached(self) -> bool:
        """Did the run come by the point at all?"""
        return self.seconds is not None

    def as_json(self) -> dict[str, Any]:
        """As plain data."""
        return {
            "case": self.case.id,
            "left": list(self.left),
            "reached": self.was_reached,
            "seconds": self.seconds,
            "by_command": self.by_command,
            "exit_code": self.exit_code,
            "repeat": self.repeat,
        }


def case_of(id: str) -> Case:
    """The case of an id. Raises BadInput."""
    name, _, rest = id.partition(": ")
    scenario = scenarios.named(name)
    if scenario is None:
        raise BadInput(f"no such run {name!r} (known: {', '.join(one.name for one in scenarios.ALL)})")
    if rest == "trace":
        return Case(scenario)
    if rest.startswith("kill "):
        return Case(scenario, kill=Kill.of(rest.removeprefix("kill ")))
    where, _, how = rest.partition(": ")
    ending = endings.named(how)
    if ending is None:
        raise BadInput(
            f"no such ending {how!r}; --case takes an id as `chaos selftest --list` and its failures print it"
        )
    point, when = parse(where)
    return Case(scenario, point, when, ending)
