"""Delay: every chunk leaves later than it came, in order, none delays the next."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from . import Toxic

if TYPE_CHECKING:
    from chaoslib_ext.proxy.stub import Stub

__all__ = ["Latency"]


@dataclass
class Latency(Toxic):
    """Hold each chunk until its arrival + `latency` ms, plus or minus up to `jitter` ms (toxics/latency.go).

    Measured from the arrival, so a stream is delayed once and not once a chunk. A negative delay is none.
    """

    latency: int = 0
    jitter: int = 0

    room: ClassVar[int] = 1024

    async def pipe(self, stub: "Stub") -> None:
        """Move each chunk's time by the delay and pass it on when that time has come."""
        while chunk := await stub.read():
            chunk.time += max(0.0, self._delay(stub))  # two latencies in a row add up
            await stub.sleep_until(chunk.time)
            await stub.write(chunk)

    def _delay(self, stub: "Stub") -> float:
        if self.jitter <= 0:
            return self.latency / 1000
        return (self.latency + stub.chance.randrange(-self.jitter, self.jitter)) / 1000
