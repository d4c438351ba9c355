"""Did it bite? The link is asked before the fault and again under it, by connections of our own, a few and harmless.

Bounded: two seconds a try (three tries at most, and only when nothing was seen), never longer than the fault lasts.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from math import ceil, log
from typing import Any

from chaoslib_ext.clock import SYSTEM, Clock
from chaoslib_ext.model import Target
from chaoslib_ext.undo.signals import be_deaf

from .effects import METHODS, Asked, Baseline, Method
from .link import Address, Sample, Sampling, reach, samples
from .questions import LISTEN, Question, questions_for

__all__ = ["Before", "Finding", "before", "each", "each_under", "under"]

_TRIES = 3
_BASELINE = (3, 2)
"""Connections of the baseline, in two rounds, so that its noise is also that of the machine from moment to moment."""
_KNOW = 0.4
"""Seconds a server has to answer the first question, or to speak first."""


_known: dict[str, Question] = {}
"""Target -> the question its link answers, so that a second fault on it is not preceded by the search."""


@dataclass(frozen=True)
class Before:
    """The link as it was. Without a `base` it could not be measured, and `why` says so."""

    address: Address | None = None
    method: Method | None = None
    base: Baseline | None = None
    why: str | None = None


@dataclass(frozen=True)
class Finding:
    """Did it bite (None: could not be told, `measured["why"]`), and what was measured."""

    bit: bool | None
    measured: dict[str, Any] = field(default_factory=dict)


def before(target: Target, asked: Asked, *, clock: Clock = SYSTEM) -> Before:
    """Find the question this link answers and take the baseline. Never raises."""
    address = reach(target)
    if address is None:
        return Before(why=f"the proxy listens on {target.listen}, which is out of reach from here")
    kind = METHODS[asked.kind]
    if kind.nothing_to_see:
        return Before(address, why=kind.nothing_to_see)
    question, why = _question(target, address, clock) if kind.needs_question else (LISTEN, None)
    method = kind(asked, question)
    if why:
        return Before(address, method, why=why)
    how = method.sampling(method.base_wait())
    base = Baseline(tuple(one for count in _BASELINE for one in samples(address, [how] * count, clock=clock)))
    may_answer = bool(how.say) or not how.half_close
    if kind.needs_question and question and may_answer and not any(question.is_answer(it.head) for it in base.samples):
        _known.pop(target.model_dump_json(), None)
        return Before(address, method, why=f"this link answered to {question.name} once, but not just before the fault")
    return Before(address, method, base, method.blind(base))


def _question(target: Target, address: Address, clock: Clock) -> tuple[Question | None, str | None]:
    """The question that is answered (remembered for the process); or none, or why no question makes sense."""
    if known := _known.get(target.model_dump_json()):
        return known, None
    likely, others = questions_for(target)
    heard: list[Sample] = []
    for group in (likely, others):
        heard += _heard(address, group, clock)
        for question, one in zip(group, heard[-len(group) :] if group else [], strict=True):
            if question.is_answer(one.head):
                _known[target.model_dump_json()] = question
                return question, None
    if all(one.end == "refused" for one in heard):
        return None, "the proxy refused our connections before the fault"
    if all(one.end in ("closed", "reset") and not one.size for one in heard):
        return None, "the proxy closed our connections before the fault: its upstream seems to be dead"
    return None, None


def _heard(address: Address, group: Sequence[Question], clock: Clock) -> list[Sample]:
    """One sample a question, all at once."""
    how = [Sampling(question.plain, _KNOW) for question in group]
    return samples(address, how, clock=clock) if how else []


def under(start: Before, *, until: float | None, clock: Clock = SYSTEM) -> Finding:
    """Measure again, now that the fault is in. `until`: boot seconds at which it ends by itself, or None."""
    if start.why or start.base is None or start.method is None or start.address is None:
        return Finding(None, {"why": start.why or "no baseline"})
    method, base = start.method, start.base
    count = _count(method)
    for tried in range(1, _TRIES + 1):
        wait = method.wait(base)
        if until is not None:
            wait = min(wait, until - clock.boot())
        if wait <= 0.01:
            return Finding(None, {"why": "its duration is too short to measure it"})
        taken = samples(start.address, [method.sampling(wait)] * count, clock=clock)
        hits = [one for one in taken if method.hit(one, base)]
        if until is not None and clock.boot() >= until and len(hits) < len(taken):
            return Finding(None, {"why": "it ended by its duration while it was measured"})
        finding = _judged(method, base, taken, hits, tried)
        if finding.bit or method.asked.toxicity < 1:
            break
    return finding


def _count(method: Method) -> int:
    """Three connections; more where chance decides, so that missing all of them is unlikely (2 %)."""
    toxicity = method.asked.toxicity
    if toxicity == 1:
        return 5 if method.any_hit_counts else 3
    return min(12, max(4, ceil(log(0.02) / log(1 - toxicity))))


def _judged(method: Method, base: Baseline, taken: Sequence[Sample], hits: Sequence[Sample], tried: int) -> Finding:
    question = method.question.name if method.question else "none"
    measured: dict[str, Any] = {
        "method": method.asked.kind,
        "question": question,
        "samples": len(taken),
        "hits": len(hits),
        **method.numbers(hits, base),
    }
    if tried > 1:
        measured["tries"] = tried
    if method.asked.toxicity < 1:
        return _shared(method.asked.toxicity, len(taken), bool(hits), measured)
    if len(hits) >= (1 if method.any_hit_counts else len(taken) // 2 + 1):
        return Finding(True, measured)
    measured["seen"] = [{"end": one.end, "end_ms": round(one.end_ms, 1), "bytes": one.size} for one in taken]
    if any(method.denies(one, base) for one in taken):
        return Finding(False, measured)
    return Finding(None, {**measured, "why": "what was seen neither shows the fault nor denies it"})


def _shared(toxicity: float, count: int, was_hit: bool, measured: dict[str, Any]) -> Finding:
    measured["share"] = round(measured["hits"] / count, 3)
    if was_hit:
        return Finding(True, measured)
    missed = (1 - toxicity) ** count
    measured["why"] = f"none of {count} connections was hit; at a toxicity of {toxicity:g} that happens in {missed:.1%}"
    return Finding(None, measured)


def each(work: Sequence[tuple[Target, Asked]], *, clock: Clock = SYSTEM) -> list[Before]:
    """`before` for several targets at once."""
    if len(work) == 1:
        return [before(*work[0], clock=clock)]
    with ThreadPoolExecutor(min(8, len(work)), initializer=be_deaf) as pool:
        return list(pool.map(lambda one: before(*one, clock=clock), work))


def each_under(work: Sequence[tuple[Before, float | None]], *, clock: Clock = SYSTEM) -> list[Finding]:
    """`under` for several targets at once."""
    if len(work) == 1:
        return [under(work[0][0], until=work[0][1], clock=clock)]
    with ThreadPoolExecutor(min(8, len(work)), initializer=be_deaf) as pool:
        return list(pool.map(lambda one: under(one[0], until=one[1], clock=clock), work))
