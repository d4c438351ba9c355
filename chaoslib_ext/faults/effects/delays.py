"""Faults that show as a delay: of the answer (latency), or of the end (slow_close)."""

from collections.abc import Sequence
from typing import Any

from chaoslib_ext.faults.link import Sample, Sampling
from chaoslib_ext.faults.questions import Question

from .method import LONGEST, SLACK, Asked, Baseline, Method

__all__ = ["Latency", "SlowClose"]


class Latency(Method):
    """The answer comes later."""

    def __init__(self, asked: Asked, question: Question | None) -> None:
        super().__init__(asked, question)
        self.any_hit_counts = self["jitter"] > self["latency"] / 2

    def wait(self, base: Baseline) -> float:
        """Long enough to see it, and no longer."""
        return min(LONGEST, (self["latency"] + self["jitter"]) / 1000 * 1.3 + base.end_ms / 1000 * 3 + SLACK)

    def expected_ms(self, base: Baseline) -> float:
        """What the settings promise, in ms."""
        return self["latency"] or self["jitter"]

    def too_small(self, base: Baseline) -> str | None:
        """Would this link show it?"""
        if self.is_silent:
            return "the server speaks first, so nothing of ours goes upstream"
        return self.small(base, "the latency")

    def hit(self, one: Sample, base: Baseline) -> bool:
        """Does this one connection show it?"""
        return one.end in ("answered", "open") and self.late(one, base)

    def denies(self, one: Sample, base: Baseline) -> bool:
        """Answered sooner than the least the jitter allows."""
        return one.end == "answered" and one.end_ms < (self["latency"] - self["jitter"]) / 2

    def numbers(self, hits: Sequence[Sample], base: Baseline) -> dict[str, Any]:
        """What was seen, with units in the names."""
        return self.times(hits, base)


class SlowClose(Method):
    """The end comes later than the server's closing."""

    needs_answer = False

    def sampling(self, wait: float) -> Sampling:
        """How to sample, before and under the fault."""
        return Sampling(self.question.patient if self.question else b"", wait, half_close=True)

    def expected_ms(self, base: Baseline) -> float:
        """What the settings promise, in ms."""
        return self["delay"]

    def too_small(self, base: Baseline) -> str | None:
        """Would this link show it?"""
        if any(one.end == "open" for one in base.samples):
            return "this link does not close when we do, so its closing cannot be timed"
        return self.small(base, "the delay")

    def hit(self, one: Sample, base: Baseline) -> bool:
        """Does this one connection show it?"""
        return one.end in ("closed", "open", "reset") and self.late(one, base)

    def denies(self, one: Sample, base: Baseline) -> bool:
        """Closed too soon. Upstream only our closing is held back: a server that closes first denies nothing."""
        return self.asked.stream == "downstream" and self.early(one, base)

    def numbers(self, hits: Sequence[Sample], base: Baseline) -> dict[str, Any]:
        """What was seen, with units in the names."""
        return self.times(hits, base)
