"""What it means to measure a fault: one method a kind, made for one question. Pure: no method opens a connection.

"Blind" is an honest answer: it says why a fault cannot be seen on a link, so that nobody takes silence for proof.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from chaoslib_ext.faults.link import Sample, Sampling
from chaoslib_ext.faults.questions import LISTEN, Question

__all__ = ["LONGEST", "SLACK", "Asked", "Baseline", "Method"]

LONGEST = 2.5
"""Seconds that one sample may take; what bites longer has shown itself by then. Half a second more than the 2 s that
most people ask for, so that those are measured to their end."""
SLACK = 0.3
"""Seconds more than reckoned, for a busy machine."""


@dataclass(frozen=True)
class Asked:
    """The fault, as far as its effect goes; attributes by Toxiproxy's names."""

    kind: str
    attributes: Mapping[str, int]
    stream: str = "downstream"
    toxicity: float = 1.0


@dataclass(frozen=True)
class Baseline:
    """The link before the fault, by the same method. Times are medians in ms."""

    samples: tuple[Sample, ...]

    @property
    def end_ms(self) -> float:
        """Until its end, or until its answer if that was enough."""
        return median(one.end_ms for one in self.samples)

    @property
    def noise_ms(self) -> float:
        """How far its own samples lie apart; at least 2."""
        ends = [one.end_ms for one in self.samples]
        return max(2.0, max(ends) - min(ends))

    @property
    def size(self) -> int:
        """The shortest answer."""
        return min(one.size for one in self.samples)

    @property
    def pieces(self) -> int:
        """The most pieces an answer came in."""
        return max(one.pieces for one in self.samples)


class Method(ABC):
    """How one kind of fault is measured with one question (None: the protocol is not known)."""

    nothing_to_see: str | None = None
    """Why no link ever shows it; None when one may."""
    needs_question = True
    """Must something be said to see it?"""
    needs_answer = True
    """Must the protocol be one that we can ask?"""
    any_hit_counts = False
    """Is one hit enough, because the fault itself varies?"""

    def __init__(self, asked: Asked, question: Question | None) -> None:
        self.asked = asked
        self.question = question

    def __getitem__(self, name: str) -> int:
        return self.asked.attributes.get(name, 0)

    @property
    def is_silent(self) -> bool:
        """Do we send nothing in the direction of the fault?"""
        return self.question is None or (self.question is LISTEN and self.asked.stream == "upstream")

    @property
    def waits_in_silence(self) -> bool:
        """Is its absence seen only by waiting as long as it would have lasted?"""
        return False

    def sampling(self, wait: float) -> Sampling:
        """How to sample; the same before and after the fault."""
        return Sampling(self.question.plain if self.question else b"", wait)

    def wait(self, base: Baseline) -> float:
        """Seconds one sample under the fault may take."""
        return min(LONGEST, self.expected_ms(base) / 1000 * 1.3 + base.end_ms / 1000 * 3 + SLACK)

    def base_wait(self) -> float:
        """Seconds one sample before the fault may take."""
        return 1.0

    def expected_ms(self, base: Baseline) -> float:
        """What the fault should add, in ms."""
        return 0.0

    def blind(self, base: Baseline) -> str | None:
        """Why it can't be seen here; None when it can."""
        if self.needs_answer and self.question is None:
            return "no answer to an HTTP, PostgreSQL or PING question, and no greeting, even before the fault"
        return self.too_small(base) or None

    def too_small(self, base: Baseline) -> str | None:
        """Is the effect smaller than what the link does by itself?"""
        return None

    @abstractmethod
    def hit(self, one: Sample, base: Baseline) -> bool:
        """Does this sample show the fault?"""

    @abstractmethod
    def denies(self, one: Sample, base: Baseline) -> bool:
        """Could this sample not have been taken with the fault in place? A slow machine must never look like that."""

    def numbers(self, hits: Sequence[Sample], base: Baseline) -> dict[str, Any]:
        """What the record keeps besides the counts."""
        return {}

    def late(self, one: Sample, base: Baseline) -> bool:
        """Later than before by at least half of what was asked for (or still waiting when we left)."""
        return one.end_ms - base.end_ms >= min(self.expected_ms(base) / 2, LONGEST * 900 - base.end_ms)

    def early(self, one: Sample, base: Baseline) -> bool:
        """Over before half of the delay had passed, whatever the link did before: with the fault that can't be."""
        return one.end in ("answered", "closed") and one.end_ms < self.expected_ms(base) / 2

    def small(self, base: Baseline, what: str) -> str | None:
        """Why the expected delay is too small to be told from the link's own variation; None if it is not."""
        expected = self.expected_ms(base)
        if expected / 2 > base.noise_ms:
            return None
        return f"{what} adds {expected:.3g} ms, and this link varies by {base.noise_ms:.3g} ms by itself"

    def times(self, hits: Sequence[Sample], base: Baseline) -> dict[str, Any]:
        """Before, under the fault, and what it added."""
        found: dict[str, Any] = {"baseline_ms": round(base.end_ms, 2)}
        if hits:
            seen = median(one.end_ms for one in hits)
            found |= {"with_fault_ms": round(seen, 2), "added_ms": round(seen - base.end_ms, 2)}
            if any(one.end == "open" for one in hits):
                found["note"] = f"not over when we left after {seen / 1000:.1f} s: added_ms is a lower bound"
        return found
