"""A slammed door: the connection ends with a reset (RST), not with a good-bye (FIN)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from . import Toxic

if TYPE_CHECKING:
    from chaoslib_ext.proxy.stub import Stub

__all__ = ["ResetPeer"]


@dataclass
class ResetPeer(Toxic):
    """At the first sign of data or an end, wait `timeout` ms, then reset both sides (toxics/reset_peer.go).

    Connections that were open before the toxic came get a true RST as well; the original sends them a FIN.
    """

    timeout: int = 0

    @classmethod
    def go_name(cls) -> str:
        """Go's name differs from the type's."""
        return "ResetToxic"

    async def pipe(self, stub: "Stub") -> None:
        """Leave what comes where it is, so that nothing is lost if the toxic is removed before it strikes."""
        if stub.state is None:
            await stub.arrival()
            stub.state = stub.now()  # kept over an update: the wait is not begun again
        await stub.sleep_until(stub.state + self.timeout / 1000)
        stub.reset()
