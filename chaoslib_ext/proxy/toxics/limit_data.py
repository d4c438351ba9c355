"""A ration: so many bytes, then the connection is closed."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from . import Toxic

if TYPE_CHECKING:
    from chaoslib_ext.proxy.stub import Stub

__all__ = ["LimitData"]


@dataclass
class LimitData(Toxic):
    """Pass exactly `bytes` bytes, then close; 0 closes at the first chunk (toxics/limit_data.go).

    What has passed is counted over updates, and forgotten when the toxic is removed.
    """

    bytes: int = 0

    async def pipe(self, stub: "Stub") -> None:
        """Count in the stub's state, which outlives an update."""
        passed: int = stub.state or 0
        while chunk := await stub.read():
            left = max(0, self.bytes - passed)
            if len(chunk.data) >= left:
                stub.put(chunk.cut(left))
                stub.drop()
                return
            stub.state = passed = passed + len(chunk.data)
            await stub.write(chunk)
