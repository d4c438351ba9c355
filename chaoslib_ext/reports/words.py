"""The words every report shares: values with units, times, verdicts, and what a person may do next."""

import os
from datetime import datetime
from pathlib import Path
from typing import Any

from chaoslib_ext.clean_text import clean
from chaoslib_ext.model import Verdict
from chaoslib_ext.record.phrases import amount, expected, value_in_words
from chaoslib_ext.record.story import Fault, Story

__all__ = [
    "amount",
    "answer",
    "attributes",
    "effect",
    "expected",
    "is_back",
    "is_left",
    "lasted",
    "measured",
    "moment",
    "next_steps",
    "not_measured",
    "plainly",
    "proof",
    "recovery",
    "server",
    "shown_path",
    "undone",
    "value_in_words",
]

_ANSWERS = {
    Verdict.INCONCLUSIVE: "No answer: it could not be told from what was seen.",
    Verdict.VOID: "No answer: the faults were not as the experiment says.",
    Verdict.ABORTED: "No answer: the run was stopped.",
    Verdict.INTERRUPTED: "No answer: the run was interrupted.",
    Verdict.UNDO_FAILED: "Something was left behind: undo it by hand.",
    Verdict.ERROR: "No answer: the run could not be done.",
}


def answer(story: Story) -> str:
    """The verdict in a sentence; the experiment's own words where it has some (`says` of our extension)."""
    if story.state == "broken":
        return "Not to be believed."
    if story.verdict is None:
        return _unfinished(story)
    own = extension(story).get("says") or {}
    said = own.get(str(story.verdict)) if isinstance(own, dict) else None
    if said:
        return str(said)
    if story.verdict is Verdict.HELD and not story.phases:
        return "Every step was done. Nothing was asked (no steady-state hypothesis), so nothing is proved."
    if story.verdict in (Verdict.HELD, Verdict.DEVIATED):
        return _asked(story)
    return _ANSWERS[story.verdict]


def _unfinished(story: Story) -> str:
    if not story.is_dead:
        return "It goes on, or its process died and nobody has finished it."
    if is_left(story):
        return "Its process is dead; its faults may still be in."
    return "Its process is dead; as far as this record knows, nothing is left behind."


def is_left(story: Story) -> bool:
    """Is there a fault of which nobody has said that it was taken back?"""
    return any(fault.undo is None for fault in story.faults)


def _asked(story: Story) -> str:
    """What was expected, when it was looked at, and what was done to it."""
    bad = [phase.when for phase in story.phases if phase.met is False]
    held = story.verdict is Verdict.HELD
    seen = dict.fromkeys(phase.when for phase in story.phases) if held else dict.fromkeys(bad or ["after"])
    expected_was = (story.hypothesis or "what was expected").strip().rstrip(".")
    when = f"{'' if held else 'not '}{_listed(list(seen))} {_what_was_done(story)}"
    return f"It {'held' if held else 'did not hold'}: {expected_was} — {when}."


def _what_was_done(story: Story) -> str:
    done = dict.fromkeys(
        f"{fault.evidence.get('fault')} on {fault.evidence.get('target', {}).get('proxy', '?')}"
        for fault in story.faults
    )
    return _listed(list(done)) or "the method"


def _listed(items: list[str], most: int = 4) -> str:
    if len(items) > most:
        items = [*items[: most - 1], f"{len(items) - most + 1} more"]
    return " and ".join([", ".join(items[:-1]), items[-1]] if len(items) > 1 else items)


def extension(story: Story) -> dict[str, Any]:
    """Our own entry among the experiment's `extensions`."""
    for entry in story.experiment.get("extensions") or []:
        if isinstance(entry, dict) and entry.get("name") == "chaostoolkit-ext":
            return entry
    return {}


def next_steps(story: Story) -> list[tuple[str, str]]:
    """Commands to type next, each with its reason."""
    own = extension(story).get("next") or {}
    steps = [(str(own[story.verdict]), "is it gone?")] if isinstance(own, dict) and story.verdict in own else []
    if story.is_dead and is_left(story):
        steps.append((f"chaos undo --run {story.id}", "take its faults back, finish its record"))
    if any(result.get("status") == "failed" or not result.get("verified") for result in story.undone):
        steps.append((f"chaos undo --run {story.id}", "nothing may stay behind"))
    if story.state == "broken":
        steps.append((f"chaos journal verify {story.id}", "what is wrong with it"))
    steps.append((f"chaos journal report {story.id} -o {story.id}.html", "a page to pass on"))
    return steps


def server(found: dict[str, Any]) -> str:
    """The Toxiproxy that a run uses: `http://127.0.0.1:8474 (embedded 2.12.0)`, and when nobody named it."""
    version = " ".join(str(found[name]) for name in ("engine", "version") if found.get(name))
    unnamed = " (not started by you: nothing else was known)" if found.get("found_by") == "default" else ""
    return f"{found.get('url')} ({version}){unnamed}"


def is_back(found: dict[str, Any]) -> bool | None:
    """Is the steady state back? None: nobody came to see."""
    return {"back": True, "not back": False}.get(str(found.get("state")))


def recovery(found: dict[str, Any]) -> str:
    """What became of the steady state once everything was undone: `0.6 s   the steady state is back and stays`."""
    state, taken = found.get("state"), f"{found.get('samples', 0)} samples"
    if state == "back":
        return f"{found.get('seconds', 0):.1f} s   the steady state is back ({taken})"
    if state == "not back":
        return f"not back within {found.get('at_most_s', 0):g} s of the undo ({taken}): {found.get('missed')}"
    return f"not proved again: {found.get('why')}"


def not_measured(story: Story) -> list[str]:
    """For each fault of which nothing proves that it was felt: a line to stand under the verdict."""
    return [_not_measured(fault) for fault in story.faults if not fault.is_measured]


def _not_measured(fault: Fault) -> str:
    evidence = fault.evidence
    why = (evidence.get("measured") or {}).get("why") or _nobody_measured(fault)
    where = evidence.get("target", {}).get("proxy", "?")
    return f"not measured: {evidence.get('fault')} on {where}: {why}; so it is not proved that the fault was felt"


def _nobody_measured(fault: Fault) -> str:
    was_failed = (fault.undo or {}).get("reason") == "failed"
    return "its action failed and took it back" if was_failed else "the run ended before"


def proof(story: Story) -> str:
    """How sure the faults of a run are, in a sentence over their table."""
    count, confirmed = len(story.faults), sum(bool(fault.evidence.get("confirmed")) for fault in story.faults)
    shown = sum(fault.is_measured for fault in story.faults)
    if count == confirmed == shown:
        return "Each was read back from the server and measured on the connection itself"
    return f"Of {count}, {confirmed} read back from the server, {shown} measured on the connection itself"


def effect(evidence: dict[str, Any]) -> str:
    """What a fault did to its target, measured: `latency (latency 400) on payment: +402 ms measured ...`."""
    proxy = evidence.get("target", {}).get("proxy", "?")
    strength = attributes(evidence)
    return f"{evidence.get('fault', 'fault')}{f' ({strength})' if strength else ''} on {proxy}: {measured(evidence)}"


def attributes(evidence: dict[str, Any]) -> str:
    """A toxic's settings, its stream and how many connections it hits: `latency 400, jitter 50, downstream`."""
    toxic = evidence.get("toxic") or {}
    said = [f"{name} {amount(value)}" for name, value in (toxic.get("attributes") or {}).items()]
    said += [str(toxic["stream"])] if toxic.get("stream") else []
    if toxic.get("toxicity") not in (None, 1, 1.0):
        said.append(f"{toxic['toxicity']:.0%} of connections")
    if evidence.get("seed") is not None:
        said.append(f"seed {evidence['seed']}{'' if evidence.get('seed_honoured') else ' (not honoured)'}")
    return ", ".join(said)


_PLAINLY = {
    "latency": "delayed {what} by {latency} ms{jitter}",
    "bandwidth": "let only {rate} kB of {what} a second through",
    "slicer": "cut {what} into pieces of about {average_size} bytes",
    "timeout": "let no {what} through",
    "reset_peer": "broke connections off",
    "slow_close": "kept connections from closing for {delay} ms",
    "limit_data": "cut every connection off after {bytes} bytes",
    "down": "refused every connection",
    "noop": "changed nothing",
}


def plainly(evidence: dict[str, Any]) -> str:
    """What a fault did, for somebody who has never heard of a toxic: `delayed answers by 400 ms`."""
    toxic = evidence.get("toxic") or {}
    figures = {name: amount(value) for name, value in (toxic.get("attributes") or {}).items()}
    jitter = f", give or take {figures['jitter']} ms" if figures.get("jitter", "0") != "0" else ""
    what = "requests" if toxic.get("stream") == "upstream" else "answers"
    form = _PLAINLY.get(str(evidence.get("fault")), "put {fault} on it")
    said = form.format_map(_Unknown({**figures, "what": what, "jitter": jitter, "fault": str(evidence.get("fault"))}))
    share = toxic.get("toxicity")
    return f"{said} ({share:.0%} of the connections)" if isinstance(share, int | float) and share < 1 else said


class _Unknown(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "?"


def measured(evidence: dict[str, Any]) -> str:
    """What the measurement on the link said: `+402 ms measured on 3 of 3 connections (confirmed)`."""
    found = evidence.get("measured") or {}
    confirmed = "confirmed by the server" if evidence.get("confirmed") else "not confirmed"
    if "measured" in evidence and evidence["measured"] is None:
        return f"applied, not measured ({confirmed})"
    said = next((form.format(amount(found[name])) for name, form in _FIGURES if found.get(name) is not None), "")
    said = f"at least {said}" if said and found.get("note") else said  # we left before it was over
    hits, samples = found.get("hits"), found.get("samples")
    of = f" on {hits} of {samples} connections" if samples else ""
    if evidence.get("bit") is None:
        said = f"could not be measured{': ' + str(found['why']) if found.get('why') else ''}"
    elif not evidence["bit"]:
        said = f"no effect on {samples} connections" if samples else "no effect"
    else:
        said = f"{said or 'seen'}{of}"
    set_by = evidence.get("duration_set_by")
    return f"{said} ({confirmed}){f'; {set_by}' if set_by else ''}"


_FIGURES = (
    ("added_ms", "+{} ms measured"),
    ("refused", "refused"),
    ("resets", "reset"),
    ("closed_after_ms", "closed after {} ms"),
    ("no_byte_for_ms", "no byte for {} ms"),
    ("pieces", "answers in {} pieces"),
    ("bytes", "{} bytes"),
)
"""Names in `Evidence.measured`, the most telling first, and how a person reads them."""


def undone(fault: Fault) -> str:
    """What became of a fault, and whether that was checked."""
    result = fault.undo
    if result is None:
        return "not undone yet, as far as this record knows"
    if result.get("status") == "failed" or not result.get("verified"):
        return f"NOT UNDONE: {result.get('error') or 'not verified'}"
    how = "was gone already" if result.get("status") == "already gone" else "undone"
    by = {"runner": "", "watchdog": " by the watchdog", "hand": " by hand"}.get(str(result.get("by")), "")
    reason = {"deadline": " at its deadline", "death": " after the run died"}.get(str(result.get("reason")), "")
    return f"{how}{by}{reason}, read back: {result.get('says')}"


def lasted(fault: Fault) -> str:
    """From when to when."""
    return f"{moment(fault.put_at)} to {moment(fault.undone_at) if fault.undone_at else 'now?'}"


def moment(text: str | None, *, with_day: bool = False) -> str:
    """A time in the reader's own zone, with the zone: `03:10:41 +01:00`."""
    try:
        when = datetime.fromisoformat(str(text))
    except ValueError:
        return str(text)
    if when.tzinfo is not None:
        when = when.astimezone()
    return when.strftime("%Y-%m-%d %H:%M:%S" if with_day else "%H:%M:%S") + _zone(when)


def _zone(when: datetime) -> str:
    if when.tzinfo is None:
        return " (no zone)"
    return " UTC" if not when.utcoffset() else f" {when:%z}"[:4] + ":" + f"{when:%z}"[3:]


def shown_path(folder: Path) -> str:
    """The path as one would type it from here."""
    try:
        near = os.path.relpath(folder)
    except ValueError:
        near = ".."
    return clean(near if not near.startswith("..") else str(folder))
