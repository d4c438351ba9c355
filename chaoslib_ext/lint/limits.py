"""Aliases let a small file mean an endless one: what is so is refused before anybody walks it."""

from collections.abc import Iterator
from typing import Any

from .finding import Hit, Rule, Severity
from .tree import Tree

__all__ = ["DEPTH", "RULES", "breach"]

DEPTH = 100
"""The deepest nesting that is read. Nobody writes this, and every later walk may recurse without a care."""

_SIZE = 100_000
_FACTOR = 10

ENDLESS = Rule(
    "endless-alias",
    Severity.ERROR,
    "A YAML alias stands inside of what it names.",
    "The host reads this as data without an end: it cannot be written into a journal, and the run breaks off.",
    "Write the part out, or name another anchor.",
)
BOMB = Rule(
    "alias-bomb",
    Severity.ERROR,
    "YAML aliases of aliases: a few lines that mean millions.",
    "The host walks them all, and stands still or runs out of memory.",
    "Write out what is meant.",
)
TOO_DEEP = Rule(
    "too-deep",
    Severity.ERROR,
    f"It is nested more than {DEPTH} levels deep.",
    "The host reads and substitutes by recursion, and breaks off with a RecursionError somewhere in there.",
    "Take levels out.",
)
RULES = (ENDLESS, BOMB, TOO_DEEP)


def breach(tree: Tree) -> Hit | None:
    """What forbids to walk that tree; None when it is finite, and of a size that can be walked."""
    measure = _Measure()
    measure.of(tree.data, 0)
    if measure.is_endless:
        return ENDLESS.at((), "an alias names what it stands in")
    if measure.is_too_deep:
        return TOO_DEEP.at((), f"nested deeper than {DEPTH} levels")
    whole, written = measure.sizes.get(id(tree.data), 1), measure.written
    if whole > _SIZE and whole > _FACTOR * written:
        return BOMB.at((), f"{written} parts that mean {whole} by their aliases")
    return None


class _Measure:
    """Each container is measured once, however many aliases name it."""

    def __init__(self) -> None:
        self.sizes: dict[int, int] = {}
        self.heights: dict[int, int] = {}
        self.written = 1
        self.open: set[int] = set()
        self.is_endless = self.is_too_deep = False

    def of(self, value: Any, depth: int) -> tuple[int, int]:
        """Size with everything below, and height."""
        if not isinstance(value, dict | list) or self.is_endless or self.is_too_deep:
            return 1, 0
        key = id(value)
        if key in self.open:
            self.is_endless = True
        if depth > DEPTH or depth + self.heights.get(key, 0) > DEPTH:
            self.is_too_deep = True
        if key not in self.sizes and not self.is_endless and not self.is_too_deep:
            self.open.add(key)
            below = [self.of(one, depth + 1) for one in _inside(value)]
            self.open.discard(key)
            self.written += len(value)
            self.sizes[key] = 1 + sum(size for size, _ in below)
            self.heights[key] = 1 + max((height for _, height in below), default=0)
        return self.sizes.get(key, 1), self.heights.get(key, 0)


def _inside(value: Any) -> Iterator[Any]:
    return iter(value.values() if isinstance(value, dict) else value)
