"""The toxic that does nothing: the beginning of every other one, and a lock that several hosts can share."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from . import Toxic

if TYPE_CHECKING:
    from chaoslib_ext.proxy.stub import Stub

__all__ = ["Noop"]


@dataclass
class Noop(Toxic):
    """Data passes untouched (toxics/noop.go)."""

    passive: ClassVar[bool] = True

    async def pipe(self, stub: "Stub") -> None:
        """Pass each chunk on."""
        while chunk := await stub.read():
            await stub.write(chunk)
