"""A thin line: no more than so many kilobytes a second, on each connection for itself."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from . import Toxic

if TYPE_CHECKING:
    from chaoslib_ext.proxy.stub import Stub

__all__ = ["Bandwidth"]

STEP = 0.1
"""Seconds between the pieces of a chunk that is too large to be sent at once."""


@dataclass
class Bandwidth(Toxic):
    """Pass `rate` KB/s (1 KB = 1,000 bytes); at rate 0 nothing passes until it is removed (toxics/bandwidth.go)."""

    rate: int = 0

    def problem(self, given: Collection[str] = ()) -> str | None:
        """A negative rate kills the original server."""
        return f"rate must be 0 (nothing passes) or more KB/s, not {self.rate}" if self.rate < 0 else None

    async def pipe(self, stub: "Stub") -> None:
        """Sleep for as long as the chunk takes at this rate, then pass it on; large ones in pieces of 100 ms."""
        step, late = self.rate * 100, 0.0  # being woken late is made up for by the next piece; idle time is not saved
        while chunk := await stub.read():
            if not self.rate:
                await stub.forever()
            while len(chunk.data) > step:
                late = await self._hold(stub, STEP - late)
                await stub.write(chunk.cut(step))
            late = await self._hold(stub, len(chunk.data) / (self.rate * 1000) - late)
            await stub.write(chunk)

    async def _hold(self, stub: "Stub", seconds: float) -> float:
        due = stub.now() + seconds
        await stub.sleep_until(due)
        return stub.now() - due
