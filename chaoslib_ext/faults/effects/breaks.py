"""Faults that show as a broken conversation: silence (timeout), a reset (reset_peer), a refusal (down)."""

from collections.abc import Sequence
from statistics import median
from typing import Any

from chaoslib_ext.faults.link import Sample, Sampling

from .method import LONGEST, SLACK, Baseline, Method

__all__ = ["Down", "Noop", "ResetPeer", "Timeout"]


class Timeout(Method):
    """No byte comes; after `timeout` ms (if that is not 0) the connection closes."""

    needs_answer = False

    @property
    def _closes_soon(self) -> bool:
        return 0 < self["timeout"] <= (LONGEST - 0.5) * 1000

    @property
    def waits_in_silence(self) -> bool:
        """A link on which nothing is said shows it only by its closing."""
        return self.is_silent

    def base_wait(self) -> float:
        """As long as the sample under the fault needs to be comparable."""
        return min(LONGEST, self["timeout"] / 1000 + 0.2) if self.is_silent and self._closes_soon else 1.0

    def wait(self, base: Baseline) -> float:
        """Long enough to see it, and no longer."""
        if self.is_silent:
            return self.base_wait() + SLACK
        quiet = min(1.0, base.end_ms / 1000 * 5 + SLACK)
        return self["timeout"] / 1000 + quiet if self._closes_soon else quiet

    def too_small(self, base: Baseline) -> str | None:
        """Would this link show it?"""
        if not self.is_silent:
            return None
        if not self._closes_soon:
            return "nothing was said on this link before the fault either, and it closes only later or never"
        return None if all(one.end == "open" for one in base.samples) else "this link closes by itself"

    def sampling(self, wait: float) -> Sampling:
        """A server that would close by itself hides the fault's closing, so we ask one that stays.

        A greeting is no sign where the fault is on our side: there we wait for the end instead.
        """
        return Sampling(self.question.patient if self.question else b"", wait, whole=self.is_silent)

    def hit(self, one: Sample, base: Baseline) -> bool:
        """Does this one connection show it?"""
        if not self.is_silent:
            return one.size == 0 and one.end != "refused"
        if one.end == "open":
            return not self._closes_soon
        return one.end in ("closed", "reset") and one.end_ms >= self["timeout"] * 0.7

    def denies(self, one: Sample, base: Baseline) -> bool:
        """An answer came through."""
        return one.size > 0 and not self.is_silent

    def numbers(self, hits: Sequence[Sample], base: Baseline) -> dict[str, Any]:
        """What was seen, with units in the names."""
        closed = [one.end_ms for one in hits if one.end != "open"]
        return {"closed_after_ms": round(median(closed), 1)} if closed else {"no_byte_for_ms": _left(hits)}


class ResetPeer(Method):
    """The connection is reset."""

    needs_answer = False

    @property
    def _resets_soon(self) -> bool:
        return self["timeout"] <= (LONGEST - 0.5) * 1000

    def sampling(self, wait: float) -> Sampling:
        """Where we say nothing in the direction of the fault, the end of our side wakes it up."""
        plain = self.question.plain if self.question else b""
        return Sampling(plain, wait, half_close=self.is_silent)

    def expected_ms(self, base: Baseline) -> float:
        """What the settings promise, in ms."""
        return self["timeout"]

    def too_small(self, base: Baseline) -> str | None:
        """Would this link show it?"""
        if not self._resets_soon:
            # toxics/reset_peer.go: the wait can't be interrupted, so each connection we made would block the undo
            return f"the reset comes after {self['timeout']} ms, and Toxiproxy can't remove it while a connection waits"
        if self.is_silent and not all(one.end == "closed" for one in base.samples):
            return "this link says nothing and does not close when we do"
        return None

    def hit(self, one: Sample, base: Baseline) -> bool:
        """Does this one connection show it?"""
        return one.end == "reset"

    def denies(self, one: Sample, base: Baseline) -> bool:
        """It went on, or ended in peace."""
        return one.end in ("answered", "closed")

    def numbers(self, hits: Sequence[Sample], base: Baseline) -> dict[str, Any]:
        """What was seen, with units in the names."""
        return {"resets": len(hits)}


class Down(Method):
    """Connections are refused."""

    needs_question = False
    needs_answer = False

    def base_wait(self) -> float:
        """As long as the sample under the fault needs to be comparable."""
        return 0.1

    def sampling(self, wait: float) -> Sampling:
        """Connecting is enough."""
        return Sampling(b"", wait)

    def too_small(self, base: Baseline) -> str | None:
        """Would this link show it?"""
        return "the proxy refused connections before the fault" if base.samples[0].end == "refused" else None

    def hit(self, one: Sample, base: Baseline) -> bool:
        """Does this one connection show it?"""
        return one.end == "refused"

    def denies(self, one: Sample, base: Baseline) -> bool:
        """It was accepted and kept, or even answered."""
        return one.end in ("open", "answered")

    def numbers(self, hits: Sequence[Sample], base: Baseline) -> dict[str, Any]:
        """What was seen, with units in the names."""
        return {"refused": len(hits)}


class Noop(Method):
    """Nothing is to be seen."""

    nothing_to_see = "a noop does nothing"
    needs_question = False

    def blind(self, base: Baseline) -> str | None:
        """Always."""
        return self.nothing_to_see

    def hit(self, one: Sample, base: Baseline) -> bool:
        """Does this one connection show it?"""
        return False

    def denies(self, one: Sample, base: Baseline) -> bool:
        """Never."""
        return False


def _left(hits: Sequence[Sample]) -> float:
    return round(min((one.end_ms for one in hits), default=0.0), 1)
