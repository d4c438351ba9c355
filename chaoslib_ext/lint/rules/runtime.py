"""How the experiment wants to be run, and what the host makes of that."""

from collections.abc import Iterator
from typing import Any

from chaoslib_ext.lint.finding import Hit, Rule, Severity
from chaoslib_ext.lint.here import Here
from chaoslib_ext.lint.parts import activities, mapping, steps_of

__all__ = ["RULES", "check"]

RESETS = Rule(
    "runtime-resets",
    Severity.NOTE,
    "A `runtime` block that sets one strategy and not the other.",
    "The host then takes its default for the other one: a site-wide `rollbacks: always` of the settings is lost.",
    "Write both strategies.",
)
DRY = Rule(
    "dry-has-no-effect",
    Severity.WARNING,
    "`dry` in the experiment's file.",
    "The host takes it from the command line only (`chaos run --dry ...`); from the file it has no effect, and the "
    "action runs.",
    "Take it out; rehearse with `chaos run --dry actions`.",
)
NOTHING = Rule(
    "nothing-to-do",
    Severity.NOTE,
    "Neither a hypothesis nor a method.",
    "The run completes and says nothing.",
    "Add probes, or a method.",
)
RULES = (RESETS, DRY, NOTHING)


def check(data: dict[Any, Any], here: Here) -> Iterator[Hit]:
    """Strategies, rehearsals, and whether there is anything to run."""
    runtime = mapping(data.get("runtime"))
    given = [name for name in ("rollbacks", "hypothesis") if mapping(runtime.get(name)).get("strategy") is not None]
    if len(given) == 1:
        other = "hypothesis" if given == ["rollbacks"] else "rollbacks"
        yield RESETS.at(("runtime",), f"{given[0]} has a strategy, {other} has none and falls back to default")
    for path, holder in [((), data), *((step.path, step.data) for step in activities(data))]:
        if holder.get("dry"):
            yield DRY.at((*path, "dry"), "dry has no effect in a file")
    if data.get("method") == [] and not steps_of(data, "hypothesis"):
        yield NOTHING.at(("method",), "there is no hypothesis, and the method is empty")
