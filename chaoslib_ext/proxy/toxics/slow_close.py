"""A long good-bye: data passes, but the end of the stream comes late."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from . import Toxic

if TYPE_CHECKING:
    from chaoslib_ext.proxy.stub import Stub

__all__ = ["SlowClose"]


@dataclass
class SlowClose(Toxic):
    """Hold the end of the stream for `delay` ms (toxics/slow_close.go)."""

    delay: int = 0

    async def pipe(self, stub: "Stub") -> None:
        """Pass data at once; wait before passing the end on."""
        while chunk := await stub.read():
            await stub.write(chunk)
        await stub.sleep(self.delay / 1000)
