"""One direction of one connection: a chain of stubs between two sockets, or nothing at all between them."""

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from .stream import CHUNK, Chunk, Ending, Socket
from .stub import Stub

if TYPE_CHECKING:
    from .connection import Connection
    from .placed import Placed
    from .traffic import Traffic

__all__ = ["Link"]


class Link:
    """From `source` to `dest` through the stubs of the toxics that bite, in the order in which they were placed.

    Everything here happens at once, inside one turn of the event loop: adding or removing a toxic never waits for a
    receiver that does not read.
    """

    __slots__ = ("connection", "dead", "dest", "done", "first", "source", "stubs", "traffic")

    def __init__(self, connection: "Connection", source: Socket, dest: Socket, traffic: "Traffic") -> None:
        self.connection = connection
        self.source = source
        self.dest = dest
        self.traffic = traffic
        self.stubs: list[Stub] = []
        self.first: Stub | None = None
        self.done = False
        self.dead = False

    # --- what the sockets call

    def send(self, data: bytes | memoryview) -> None:
        """The fast path: count, and write."""
        size = len(data)
        traffic = self.traffic
        traffic.received += size
        if not self.done:
            self.dest.transport.write(data)
            traffic.sent += size

    def feed(self, data: bytes) -> None:
        """Cut what was read into chunks and push them into the chain."""
        self.traffic.received += len(data)
        now = self.connection.alarms.now()
        view = data if len(data) <= CHUNK else memoryview(data)
        for start in range(0, len(data), CHUNK):
            self._head().push(Chunk(view[start : start + CHUNK], now))
        self.balance()

    def end(self, ending: Ending) -> None:
        """The source ended: let the end travel the chain behind the data."""
        self._head().finish(ending)

    def balance(self) -> None:
        """Read from the source exactly while there is room for it; wake the last stub if it waited for the writer."""
        if self.dead:
            return
        if self.stubs and not self.full:
            self.stubs[-1].room_ahead()
        self.source.read(not self._head().full and not self.dest.swamped)

    # --- what a stub calls: the link is what comes after the last stub

    @property
    def full(self) -> bool:
        """Does the receiver's socket hold all it can?"""
        return self.dest.paused

    def push(self, chunk: Chunk) -> None:
        """Write a chunk to the receiver."""
        if self.done:
            return
        self.dest.transport.write(chunk.data)
        self.traffic.sent += len(chunk.data)

    def finish(self, ending: Ending) -> None:
        """The end has come through the chain."""
        if self.done:
            return
        self.done = True
        self.dest.finish(ending)
        self.connection.settle()

    # --- toxics coming and going

    def add(self, placed: "Placed", order: Sequence["Placed"] = ()) -> None:
        """Put a toxic that bites into the chain: at its end, or where it stands in `order`."""
        stub = Stub(self, placed)
        later = order[order.index(placed) + 1 :] if order else ()
        index = next((i for i, other in enumerate(self.stubs) if other.placed in later), len(self.stubs))
        self.stubs.insert(index, stub)
        self._chain()
        stub.start()
        self.balance()

    def remove(self, stub: Stub) -> None:
        """Take a stub out; what it held goes on to the next, nothing is lost or overtaken."""
        stub.stop()
        if stub not in self.stubs:
            return  # the receiver went away while the rest was written to it
        self.stubs.remove(stub)
        self._chain()
        if stub.previous:
            stub.previous.room_ahead()
        self.balance()

    def stub_of(self, placed: "Placed") -> Stub | None:
        """This link's stub of a toxic, if it bites here."""
        return next((stub for stub in self.stubs if stub.placed is placed), None)

    def kill(self) -> None:
        """The receiver is gone: drop everything, end every stub."""
        if self.dead:
            return
        self.dead = self.done = True
        stubs, self.stubs, self.first = self.stubs, [], None
        for stub in stubs:
            stub.kill()
        self.connection.settle()

    def _chain(self) -> None:
        self.first = self.stubs[0] if self.stubs else None
        for before, after in pairwise(self.stubs):
            before.next, after.previous = after, before
        if self.stubs:
            self.stubs[0].previous, self.stubs[-1].next = None, self
        self.dest.send_each(bool(self.stubs))

    def _head(self) -> "Stub | Link":
        return self.first or self
