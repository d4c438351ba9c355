"""A run as one page: no script, nothing from elsewhere, readable in the dark, on paper and by a screen reader."""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from chaoslib_ext.clean_text import clean, cleaned
from chaoslib_ext.model import Verdict
from chaoslib_ext.record.story import Fault, Story

from . import words
from .text import is_fault, verdict_word
from .timeline import timeline

if TYPE_CHECKING:
    from jinja2 import Template

__all__ = ["render"]

_SIGNS = {Verdict.HELD: "✓", Verdict.DEVIATED: "✗", Verdict.UNDO_FAILED: "!", Verdict.ERROR: "!"}


def render(story: Story) -> str:
    """The page, as text; everything from the record is clean, and escaped."""
    story = cleaned(story)
    doubts = words.not_measured(story)
    is_doubtful = story.verdict is Verdict.HELD and bool(doubts)
    return _template().render(
        story=story,
        word=verdict_word(story),
        kind="doubtful" if is_doubtful else str(story.verdict or "open").replace(" ", "-"),
        sign=_sign(story, is_doubtful),
        answer=words.answer(story),
        doubts=doubts,
        told=told(story),
        rows=_rows(story),
        steps=[step for step in story.steps if not is_fault(step.output)],
        timeline=timeline(story),
        next_steps=words.next_steps(story),
        words=words,
        clean=clean,
    )


def _sign(story: Story, is_doubtful: bool) -> str:
    if story.verdict is None:
        return "!" if story.state == "broken" else "…"
    return "?" if is_doubtful else _SIGNS.get(story.verdict, "?")


def told(story: Story) -> list[str]:
    """What was done, in plain words, in order: for somebody who has never seen a toxic."""
    said = []
    expected = story.hypothesis or "what was expected"
    for phase in story.phases:
        if phase.when == "before":
            said.append(f"Before anything was touched, we checked: {expected}. {_met(phase.met)}")
    for fault in story.faults:
        evidence = fault.evidence
        said.append(
            f"On the connection “{evidence.get('target', {}).get('proxy')}” we {words.plainly(evidence)}, from "
            f"{words.moment(fault.put_at)}. On the connection itself: {words.measured(evidence)}."
        )
    during = [phase for phase in story.phases if phase.when == "during"]
    if during:
        bad = sum(phase.met is False for phase in during)
        said.append(f"Meanwhile we checked {len(during)} times; {bad} of them did not meet it.")
    if (after := story.phase("after")) is not None:
        said.append(f"Then we checked again. {_met(after.met)}")
    said += [_taken_back(fault) for fault in sorted(story.faults, key=lambda fault: fault.undone_at or "~")]
    if story.recovery:
        said.append(_came_back(story.recovery))
    return said or ["Nothing was put into the system."]


def _came_back(found: dict[str, object]) -> str:
    back = words.is_back(found)
    if back is None:
        return f"Whether all was well again afterwards was not checked: {found.get('why')}."
    if back:
        return f"Afterwards all was well again, {found.get('seconds', 0):.1f} s after the end of the disturbance."
    return f"Afterwards it was still not so {found.get('at_most_s', 0):g} s later: {found.get('missed')}."


def _met(met: bool | None) -> str:
    return "Nobody came to judge it." if met is None else "It was so." if met else "It was not so."


def _taken_back(fault: Fault) -> str:
    where = f"“{fault.evidence.get('target', {}).get('proxy')}”"
    if fault.undo and fault.undo.get("verified") and fault.undo.get("status") != "failed":
        when = words.moment(fault.undone_at)
        return (
            f"We ended what we did to {where} ({fault.evidence.get('fault')}) at {when}, and looked again to be sure."
        )
    return f"What we did to {where} ({fault.evidence.get('fault')}): {words.undone(fault)}."


def _rows(story: Story) -> list[dict[str, object]]:
    """Each probe of the steady state with what it said before and after."""
    rows: dict[str, dict[str, object]] = {}
    for when in ("before", "after"):
        phase = story.phase(when)
        for sample in phase.samples if phase else ():
            row = rows.setdefault(sample.name, {"name": sample.name, "expected": sample.tolerance})
            row[when] = sample
    return list(rows.values())


@cache
def _template() -> "Template":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("run.html.j2")
