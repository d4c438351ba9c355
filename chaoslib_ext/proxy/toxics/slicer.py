"""Small pieces: what was sent at once arrives bit by bit."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, ClassVar

from . import Toxic

if TYPE_CHECKING:
    from chaoslib_ext.proxy.stub import Stub

__all__ = ["Slicer"]


@dataclass
class Slicer(Toxic):
    """Cut chunks to about `average_size` bytes, +- `size_variation`, `delay` us after each (toxics/slicer.go)."""

    average_size: int = 0
    size_variation: int = 0
    delay: int = 0

    go_int: ClassVar[str] = "int"

    def problem(self, given: Collection[str] = ()) -> str | None:
        """Each of these sends the original into endless recursion or a panic, its own default of 0 too.

        Left out, that default means that nothing is cut; written down, it is a mistake.
        """
        if self.average_size == self.size_variation == 0 and "average_size" not in given:
            return None
        if self.average_size <= 0:
            return f"average_size must be at least 1 byte, not {self.average_size}; set for example 64"
        if not 0 <= self.size_variation <= self.average_size:
            return f"size_variation must be from 0 to average_size ({self.average_size}), not {self.size_variation}"
        return None

    async def pipe(self, stub: "Stub") -> None:
        """Pass each chunk on in pieces, with the delay after every piece, the last one too."""
        while chunk := await stub.read():
            for size in self.sizes(len(chunk.data), stub.chance):
                await stub.write(chunk.cut(size))
                await stub.sleep(self.delay / 1_000_000)

    def sizes(self, length: int, chance: Random) -> Iterator[int]:
        """The lengths of the pieces of a chunk, in order: halved, a bit off the middle, until small enough."""
        pending = [length]
        if not self.average_size:
            yield pending.pop()
        while pending:
            size = pending.pop()
            if size - self.average_size <= self.size_variation:
                yield size
                continue
            half = size // 2
            if self.size_variation:
                half += chance.randrange(-self.size_variation, self.size_variation)
            half = min(max(half, 1), size - 1)
            pending += (size - half, half)
