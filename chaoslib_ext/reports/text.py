"""A run as text for a terminal: the same lines while it goes on (`control.screen`) and afterwards (`journal show`)."""

from typing import Any

from chaoslib_ext.clean_text import cleaned
from chaoslib_ext.model import Verdict
from chaoslib_ext.record.story import Phase, Sample, Step, Story, sample_of

from . import words

__all__ = [
    "closing_lines",
    "during_line",
    "fault_line",
    "hypothesis_lines",
    "is_fault",
    "phase_lines",
    "recovery_line",
    "render",
    "server_line",
    "step_line",
    "undo_line",
    "verdict_word",
]

_PHASES = {"before": "baseline", "during": "during", "after": "after"}
_COLOURS = {Verdict.HELD: 32, Verdict.DEVIATED: 31, Verdict.UNDO_FAILED: 31, Verdict.ERROR: 31}


def render(story: Story) -> str:
    """The whole story; colours are ANSI codes, for the printer to drop where they are not wanted."""
    story = cleaned(story)
    lines = [*_head(story), ""]
    if story.about.get("server"):
        lines.append(server_line(story.about["server"]))
    for phase in _of(story, "before"):
        lines += phase_lines(phase)
    lines += [step_line(step) for step in story.steps if step.where == "method" and not is_fault(step.output)]
    lines += [fault_line(fault.evidence) for fault in story.faults]
    during = _of(story, "during")
    if during:
        lines.append(during_line(len(during), sum(phase.met is False for phase in during)))
    for phase in _of(story, "after"):
        lines += phase_lines(phase)
    lines += [step_line(step) for step in story.steps if step.where == "rollbacks"]
    lines += [undo_line(result) for result in story.undone]
    if story.recovery:
        lines.append(recovery_line(story.recovery))
    lines += [f" note       {note}" for note in story.notes]
    return "\n".join([*lines, *closing_lines(story)]) + "\n"


def _of(story: Story, when: str) -> list[Phase]:
    return [phase for phase in story.phases if phase.when == when]


def _head(story: Story) -> list[str]:
    about = story.about
    versions = about.get("versions") or {}
    tools = ", ".join(f"{name} {version}" for name, version in versions.items() if name.startswith(("chaos", "py")))
    lines = [
        _bold(story.title),
        f"Run       {story.id}, {words.moment(story.started, with_day=True)}, {story.seconds:.1f} s, "
        f"by {about.get('who', '?')} on {about.get('host', '?')}",
    ]
    if about.get("source"):
        lines.append(f"From      {about['source']}  (sha256 {str(about.get('experiment_sha256'))[:12]})")
    if tools:
        lines.append(f"With      {tools}")
    return lines


def phase_lines(phase: Phase) -> list[str]:
    """The steady state at one time, a line a probe."""
    if not phase.samples:
        return [_line(_PHASES[phase.when], _sign(phase.met), "no probe was taken")]
    return [
        _line(_PHASES[phase.when] if index == 0 else "", _sign(sample.met), _sample(sample))
        for index, sample in enumerate(phase.samples)
    ]


def _sample(sample: Sample) -> str:
    said = sample.why if sample.status != "succeeded" and sample.why else words.value_in_words(sample.value)
    wanted = "" if sample.met else f"   expected {words.expected(sample.tolerance)}"
    return f"{sample.seconds:.1f} s   {sample.name}: {said}{wanted}"


def hypothesis_lines(when: str, state: dict[str, Any], runs: dict[int, dict[str, Any]]) -> list[str]:
    """The same while the run goes on: `state` as recorded, `runs` by number."""
    samples = [
        sample_of({**runs[probe["n"]], "tolerance_met": probe["tolerance_met"]})
        for probe in state["probes"]
        if probe["n"] in runs
    ]
    return phase_lines(Phase(when, state["steady_state_met"], tuple(samples)))


def server_line(found: dict[str, Any]) -> str:
    """The Toxiproxy that the faults go to."""
    return f" {'server':<10} {words.server(found)}"


def fault_line(evidence: dict[str, Any]) -> str:
    """One fault, with what was measured on its link."""
    return _line("fault", _sign(None if evidence.get("bit") is None else bool(evidence["bit"])), words.effect(evidence))


def undo_line(result: dict[str, Any]) -> str:
    """One undo and its check."""
    if result.get("status") == "failed" or not result.get("verified"):
        hand = f"; by hand: {result['by_hand']}" if result.get("by_hand") else ""
        return _line("undo", _sign(False), f"NOT UNDONE: {result.get('says')}: {result.get('error')}{hand}")
    by = {"watchdog": f", by the watchdog ({result.get('reason')})", "hand": ", by hand"}.get(str(result.get("by")), "")
    if result.get("measured") is False:
        return _line(
            "undo", _sign(False), f"THE LINK STILL SHOWS IT: {result.get('says')}: read back, but {_after(result)}"
        )
    measured = " and measured" if result.get("measured") else ""
    already = "was gone already: " if result.get("status") == "already gone" else ""
    return _line(
        "undo", _sign(True), f"{result.get('seconds', 0):.1f} s   {already}{result.get('says')}: verified{measured}{by}"
    )


def _after(result: dict[str, Any]) -> str:
    after = result.get("after") or {}
    return f"{after.get('hits')} of {after.get('samples')} connections showed the fault afterwards"


def recovery_line(found: dict[str, Any]) -> str:
    """Did the steady state come back once everything was undone?"""
    return _line("recovery", _sign(words.is_back(found)), words.recovery(found))


def during_line(count: int, bad: int) -> str:
    """The steady state sampled over and over while the method ran."""
    return _line("during", _sign(bad == 0), f"steady state sampled {count} times, not met {bad} times")


def is_fault(output: Any) -> bool:
    """Is that what one of our actions returned? Its faults have lines of their own."""
    return isinstance(output, dict) and isinstance(output.get("faults"), list) and bool(output["faults"])


def step_line(step: Step) -> str:
    """One activity of the method or the rollbacks."""
    done = step.status == "succeeded"
    said = (
        ""
        if done and step.output is None
        else f": {words.value_in_words(step.output) if done else step.why or 'it did not end'}"
    )
    name = "rollback" if step.where == "rollbacks" else step.type or "step"
    return _line(name, _sign(done), f"{step.seconds:.1f} s   {step.name}{said}")


def closing_lines(story: Story) -> list[str]:
    """The verdict in a word and in words, where the record is, what to do next."""
    story = cleaned(story)
    word = verdict_word(story)
    reasons = [_not_twice(story, reason) for reason in story.reasons] if story.verdict is not Verdict.HELD else []
    doubts = words.not_measured(story)
    is_proved = story.verdict is not Verdict.HELD or not doubts
    lines = ["", f"{_coloured(word, story.verdict if is_proved else None)}  {story.title}"]
    lines += [f"{'':{len(word)}}  {said}" for said in (words.answer(story), *doubts, *reasons)]
    state = "" if story.state == "ok" else f"  [{story.state}: {story.problem}]"
    if not story.verdict:
        state = f"  [{story.state}]"  # why is said above
    lines.append(f"Record    {words.shown_path(story.folder)}/   (chaos journal show {story.id}){state}")
    steps = words.next_steps(story)
    width = max(len(command) for command, _ in steps)
    for index, (command, why) in enumerate(steps):
        lines.append(f"{'Next' if index == 0 else '':10}{command:{width}}   # {why}")
    return lines


def _not_twice(story: Story, reason: str) -> str:
    """A reason without the words of the probe's error, which stand in the probe's own line."""
    for sample in (sample for phase in story.phases for sample in phase.samples if sample.why):
        reason = reason.replace(f" failed: {sample.why}", " failed, as said above")
    return reason


def verdict_word(story: Story) -> str:
    """HELD, DEVIATED, ..., NOT FINISHED, or BROKEN."""
    if story.state == "broken":
        return "BROKEN"
    return str(story.verdict).upper() if story.verdict else "NOT FINISHED"


def _line(name: str, sign: str, said: str) -> str:
    return f" {name:<10} {sign} {said}"


def _sign(is_good: bool | None) -> str:
    if is_good is None:
        return "?"
    return "\x1b[32m✓\x1b[0m" if is_good else "\x1b[31m✗\x1b[0m"


def _bold(text: str) -> str:
    return f"\x1b[1m{text}\x1b[0m"


def _coloured(word: str, verdict: Verdict | None) -> str:
    colour = _COLOURS.get(verdict, 33) if verdict else 33
    return f"\x1b[1;{colour}m{word}\x1b[0m"
