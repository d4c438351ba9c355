"""Silence: nothing passes, and after a while the connection is closed."""

from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING

from . import Toxic

if TYPE_CHECKING:
    from chaoslib_ext.proxy.stub import Stub

__all__ = ["Timeout"]


@dataclass
class Timeout(Toxic):
    """Drop all data, and close after `timeout` ms; 0: never (toxics/timeout.go).

    The time runs from when the toxic met the connection. The original starts it anew at each chunk, so that it
    never fires under traffic (its pull request 195).
    """

    timeout: int = 0

    async def pipe(self, stub: "Stub") -> None:
        """Throw away what comes; close when the time is over. The sender's own end still passes."""
        until = stub.now() + self.timeout / 1000 if self.timeout > 0 else inf
        try:
            while await stub.read(until):
                stub.drop()
        except TimeoutError:
            stub.close()

    def cleanup(self, stub: "Stub") -> None:
        """Close: the stream has a hole by now, and must not go on as if it had none."""
        stub.close()
