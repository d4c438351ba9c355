"""Faults that show only on a number of bytes: how long they take, in how many pieces, and how many pass."""

from collections.abc import Sequence
from statistics import median
from typing import Any

from chaoslib_ext.faults.link import Sample, Sampling

from .method import Baseline, Method

__all__ = ["Bandwidth", "LimitData", "Slicer"]


class _Weighed(Method):
    """A fault that shows by how long, or in how many pieces, a number of bytes takes."""

    def sampling(self, wait: float) -> Sampling:
        """How to sample, before and under the fault."""
        if self.question is None:
            return Sampling(b"", wait)
        if self.asked.stream == "upstream":
            return Sampling(self.question.heavy, wait)
        return Sampling(self.question.plain, wait, whole=self.question.ends)

    def weight(self, base: Baseline) -> int:
        """Bytes that go in the direction of the fault."""
        if self.asked.stream == "upstream":
            return len(self.question.heavy) if self.question else 0
        return base.size

    def numbers(self, hits: Sequence[Sample], base: Baseline) -> dict[str, Any]:
        """What was seen, with units in the names."""
        return {"bytes": self.weight(base), **self.times(hits, base)}


class Bandwidth(_Weighed):
    """The bytes take longer; at a rate of 0 none come."""

    def expected_ms(self, base: Baseline) -> float:
        """What the settings promise, in ms."""
        return self.weight(base) / self["rate"] if self["rate"] else 200

    def too_small(self, base: Baseline) -> str | None:
        """Would this link show it?"""
        if self.is_silent:
            return "nothing of ours goes upstream"
        return self.small(base, f"{self.weight(base)} B at {self['rate']} KB/s") if self["rate"] else None

    def hit(self, one: Sample, base: Baseline) -> bool:
        """Does this one connection show it?"""
        return self.late(one, base) if self["rate"] else one.size == 0 and one.end == "open"

    def denies(self, one: Sample, base: Baseline) -> bool:
        """All of it came too soon, or anything at all through a rate of 0."""
        return self.early(one, base) if self["rate"] else one.size > 0


class Slicer(_Weighed):
    """The bytes come in more pieces, each followed by a pause."""

    def _pieces(self, base: Baseline) -> int:
        return -(-self.weight(base) // (self["average_size"] + self["size_variation"]))

    def expected_ms(self, base: Baseline) -> float:
        """What the settings promise, in ms."""
        return self._pieces(base) * self["delay"] / 1000

    def too_small(self, base: Baseline) -> str | None:
        """Would this link show it?"""
        if self.is_silent:
            return "nothing of ours goes upstream"
        by_time = self.small(base, f"slicing {self.weight(base)} B")
        by_pieces = self.asked.stream == "downstream" and self._pieces(base) > 2 * base.pieces
        return None if by_pieces else by_time

    def hit(self, one: Sample, base: Baseline) -> bool:
        """Does this one connection show it?"""
        by_time = self.small(base, "") is None and self.late(one, base)
        return by_time or one.pieces >= max(2 * base.pieces, self._pieces(base) // 2)

    def denies(self, one: Sample, base: Baseline) -> bool:
        """TCP may put pieces together again; only a delay cannot be hidden."""
        return self.small(base, "") is None and self.early(one, base)

    def numbers(self, hits: Sequence[Sample], base: Baseline) -> dict[str, Any]:
        """What was seen, with units in the names."""
        pieces = {"pieces": round(median(one.pieces for one in hits))} if hits else {}
        return {**super().numbers(hits, base), "baseline_pieces": base.pieces, **pieces}


class LimitData(_Weighed):
    """The connection closes when so many bytes have passed."""

    def too_small(self, base: Baseline) -> str | None:
        """Would this link show it?"""
        if self.weight(base) > self["bytes"]:
            return None
        way = "question" if self.asked.stream == "upstream" else "answer"
        return f"the {way} has {self.weight(base)} B, and {self['bytes']} may pass"

    def hit(self, one: Sample, base: Baseline) -> bool:
        """Does this one connection show it?"""
        if self.asked.stream == "upstream":
            return one.size == 0 and one.end in ("closed", "reset")
        cut = one.end == "answered" and one.size > 0  # an answer that comes in one piece is not waited out
        return one.size <= self["bytes"] and (cut or one.end in ("closed", "reset"))

    def denies(self, one: Sample, base: Baseline) -> bool:
        """More passed than may."""
        return one.size > (0 if self.asked.stream == "upstream" else self["bytes"])

    def numbers(self, hits: Sequence[Sample], base: Baseline) -> dict[str, Any]:
        """What was seen, with units in the names."""
        got = {"bytes_received": round(median(one.size for one in hits))} if hits else {}
        return {"baseline_bytes": base.size, **got}
