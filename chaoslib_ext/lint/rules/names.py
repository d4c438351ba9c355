"""Names: who is named must be there, and be the only one of that name."""

from collections.abc import Iterator
from typing import Any, Literal

from chaoslib_ext.errors import did_you_mean
from chaoslib_ext.lint.finding import Hit, Rule, Severity
from chaoslib_ext.lint.here import Here
from chaoslib_ext.lint.parts import Step, steps_of
from chaoslib_ext.lint.tree import pointer

__all__ = ["RULES", "check"]

BAD_REFERENCE = Rule(
    "bad-ref",
    Severity.ERROR,
    "A `ref` that names no activity of the method or of the hypothesis.",
    "In the method the host refuses it; among the rollbacks it breaks off at that place: the rollbacks behind it never "
    "run, and no journal is written.",
    "Name an activity of the method or of the hypothesis; one of the rollbacks cannot be referred to.",
)
AMBIGUOUS = Rule(
    "ambiguous-ref",
    Severity.ERROR,
    "A `ref` to a name that several activities have.",
    "The host takes one of them (the last, the hypothesis last of all) without a word.",
    "Give each activity a name of its own.",
)
TWICE = Rule(
    "duplicate-name",
    Severity.WARNING,
    "Two activities of one section with the same name.",
    "Nobody can tell them apart in the journal, in a report or in a `ref`.",
    "Give each activity a name of its own.",
)
ACTION_IN_HYPOTHESIS = Rule(
    "action-in-hypothesis",
    Severity.ERROR,
    "An action among the probes of the hypothesis.",
    "It acts before the method and once more after it, and nothing rolls it back in between: what is measured is no "
    "steady state.",
    "Move it into the method; make it `type: probe` if it only asks.",
)
NO_TOLERANCE_IN_REFERENCE = Rule(
    "ref-in-hypothesis",
    Severity.ERROR,
    "A `ref` among the probes of the hypothesis.",
    "The host's check refuses it, for it has no tolerance of its own.",
    "Write the probe out here, with its tolerance, and put the `ref` into the method.",
)
RULES = (BAD_REFERENCE, AMBIGUOUS, TWICE, ACTION_IN_HYPOTHESIS, NO_TOLERANCE_IN_REFERENCE)

_SECTIONS: tuple[Literal["hypothesis", "method", "rollbacks"], ...] = ("hypothesis", "method", "rollbacks")


def check(data: dict[Any, Any], here: Here) -> Iterator[Hit]:
    """References and duplicates."""
    sections = {name: steps_of(data, name) for name in _SECTIONS}
    named = [step for name in ("method", "hypothesis") for step in sections[name] if _name(step)]
    for name, steps in sections.items():
        yield from _duplicates(steps)
        for step in steps:
            if "ref" in step.data:
                yield from _reference(step, named)
                if name == "hypothesis" and "tolerance" not in step.data:
                    says = "the host refuses a reference as a probe of the hypothesis: it has no tolerance"
                    yield NO_TOLERANCE_IN_REFERENCE.at((*step.path, "ref"), says)
    for step in sections["hypothesis"]:
        if step.data.get("type") == "action":
            yield ACTION_IN_HYPOTHESIS.at(
                (*step.path, "type"), f"{step.name} is an action, and stands in the hypothesis"
            )


def _name(step: Step) -> str | None:
    name = step.data.get("name")
    return name if isinstance(name, str) and name and "ref" not in step.data else None


def _duplicates(steps: list[Step]) -> Iterator[Hit]:
    first: dict[str, Step] = {}
    for step in steps:
        name = _name(step)
        if name is None:
            continue
        if name in first:
            yield TWICE.at((*step.path, "name"), f"the name {name} is that of {pointer(first[name].path)} already")
        first.setdefault(name, step)


def _reference(step: Step, named: list[Step]) -> Iterator[Hit]:
    ref = step.data["ref"]
    if not isinstance(ref, str) or not ref:
        return  # the shape says so
    meant = [one for one in named if _name(one) == ref]
    if not meant:
        known = [str(_name(one)) for one in named]
        yield BAD_REFERENCE.at((*step.path, "ref"), f"there is no activity {ref}{did_you_mean(ref, known)}")
    elif len(meant) > 1:
        places = " and ".join(pointer(one.path) for one in meant)
        yield AMBIGUOUS.at((*step.path, "ref"), f"{ref} may be {places}")
