"""Bytes on their way: a chunk, the two ways a stream ends, and the socket halves that read and write them."""

import asyncio
import socket
import struct
from enum import Enum
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from .connection import Connection
    from .link import Link

__all__ = ["CHUNK", "Chunk", "Ending", "Socket"]

CHUNK = 32 * 1024
"""Toxics see at most so many bytes at once, as in the original (one read of io.Copy)."""

SWAMPED = 1024 * 1024
"""Bytes written that the receiver has not taken; with toxics in place one chunk is usual."""

LINGER_ZERO = struct.pack("ii", 1, 0)


class Ending(Enum):
    """How a direction ends: EOF is passed on as a half-close, CLOSE ends the connection once the data is through."""

    EOF = "eof"
    CLOSE = "close"


class Chunk:
    """Some bytes, and the monotonic second at which they came (or are meant to have come)."""

    __slots__ = ("data", "time")

    def __init__(self, data: bytes | memoryview, time: float) -> None:
        self.data = data
        self.time = time

    def cut(self, size: int) -> "Chunk":
        """Take the first `size` bytes off into a chunk of their own."""
        piece = Chunk(self.data[:size], self.time)
        self.data = self.data[size:]
        return piece


class Early:
    """Takes what a socket delivers before the other side is there: a turn or two of the loop.

    Pausing instead would not do: neither uvloop nor asyncio honours a pause made in `connection_made`.
    """

    first = None

    def __init__(self) -> None:
        self.data: list[bytes] = []
        self.ending: Ending | None = None

    def send(self, data: bytes) -> None:
        """Keep it."""
        self.data.append(data)

    def end(self, ending: Ending) -> None:
        """Keep it."""
        self.ending = ending


class Socket(asyncio.Protocol):
    """One side of a connection: what it reads goes into `inlet`, what `outlet` has goes to it.

    Without toxics `data_received` hands bytes straight to the other side's transport: the fast path.
    """

    __slots__ = ("connection", "eof_sent", "inlet", "open", "outlet", "paused", "reading", "transport")

    outlet: "Link"
    transport: asyncio.Transport

    def __init__(self, connection: "Connection") -> None:
        self.connection = connection
        self.inlet: Link | Early = Early()
        self.open = False
        self.paused = False
        self.reading = True
        self.eof_sent = False

    def join(self, inlet: "Link", outlet: "Link") -> None:
        """Both sides are there: from now on bytes have a way to go."""
        self.inlet, self.outlet = inlet, outlet

    def replay(self, early: Early) -> None:
        """Deliver what came too early."""
        for data in early.data:
            self.data_received(data)
        if early.ending:
            self.inlet.end(early.ending)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The socket is there. Event loops read from now on, and forget a pause asked for here: see `Early`."""
        self.transport = cast(asyncio.Transport, transport)
        self.open = True

    def data_received(self, data: bytes) -> None:
        """Pass bytes on, by the fast path if there is no toxic."""
        link = self.inlet
        if link.first is None:
            link.send(data)
        else:
            link.feed(data)

    def eof_received(self) -> bool:
        """Pass the half-close on; this side can still be written to."""
        self.inlet.end(Ending.EOF)
        return True

    def connection_lost(self, error: Exception | None) -> None:
        """Let what was read drain to the other side, and forget what was meant for this one."""
        self.open = False
        self.connection.lost(self)

    def pause_writing(self) -> None:
        """This side takes no more: stop whoever sends to it."""
        self.paused = True
        self.outlet.balance()

    def resume_writing(self) -> None:
        """This side takes more again."""
        self.paused = False
        self.outlet.balance()

    @property
    def swamped(self) -> bool:
        """Does it still have before it what toxics held that were taken away?

        Each new one would take as much again, without end if nobody reads.
        """
        return self.paused and self.open and self.transport.get_write_buffer_size() > SWAMPED

    def read(self, wanted: bool) -> None:
        """Read from the socket, or leave it to the kernel to slow the sender down."""
        if wanted is self.reading or not self.open or self.transport.is_closing():
            return
        self.reading = wanted
        if wanted:
            self.transport.resume_reading()
        else:
            self.transport.pause_reading()

    def send_each(self, wanted: bool) -> None:
        """Send every write by itself, as toxics mean it, instead of gathering those of one turn of the loop."""
        if self.open:
            self.transport.set_write_buffer_limits(high=0 if wanted else None)

    def finish(self, ending: Ending) -> None:
        """Send a half-close, or close after what is still to be written."""
        if not self.open or self.transport.is_closing():
            return
        if ending is Ending.CLOSE:
            self.transport.close()
        elif not self.eof_sent:
            self.eof_sent = True
            self.transport.write_eof()

    def abort(self, *, reset: bool = False) -> None:
        """Close now and forget what is unsent; with `reset` the peer gets an RST (SO_LINGER 0, socket(7))."""
        if not self.open:
            return
        if reset:
            sock: Any = self.transport.get_extra_info("socket")
            try:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_ZERO)
            except OSError:
                pass  # closed in the meantime: there is nobody left to reset
        self.transport.abort()
