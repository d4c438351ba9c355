"""One connection through a proxy: a client's socket, one to the upstream, a link each way."""

import asyncio
import logging
import socket
from errno import EMFILE
from typing import TYPE_CHECKING

from .link import Link
from .listening import keep_alive, scarce
from .names import addresses
from .placed import Direction, Placed
from .stream import Early, Ending, Socket

if TYPE_CHECKING:
    from .alarms import Alarms
    from .proxy import Proxy

__all__ = ["Connection"]

logger = logging.getLogger("chaoslib_ext.proxy")


class Connection:
    """From accept to the last byte. `number` counts the connections of its proxy, from 1."""

    __slots__ = ("_accepted", "_dial", "alarms", "client", "links", "number", "proxy", "upstream")

    def __init__(self, proxy: "Proxy", accepted: socket.socket, number: int, alarms: "Alarms") -> None:
        self.proxy = proxy
        self.number = number
        self.alarms = alarms
        self.client = Socket(self)
        self.upstream = Socket(self)
        self.links: dict[Direction, Link] = {}
        self._accepted: socket.socket | None = accepted
        self._dial: asyncio.Task[None] | None = asyncio.get_running_loop().create_task(self._open())

    async def _open(self) -> None:
        """Dial the upstream, for as long as the system tries; each connection waits for itself alone."""
        loop = asyncio.get_running_loop()
        try:
            await self._reach(*self.proxy.upstream_address())
            fd = self.upstream.transport.get_extra_info("socket").fileno()
            if scarce(fd):
                raise OSError(EMFILE, "no more descriptors than the API needs are left")
            keep_alive(fd)
            accepted = self._accepted
            assert accepted is not None
            self._accepted = None
            await loop.connect_accepted_socket(lambda: self.client, accepted)
        except (OSError, ValueError, OverflowError) as error:
            logger.debug("proxy %s: no connection to %s: %s", self.proxy.name, self.proxy.upstream, error)
            self.abort()
            return
        finally:
            self._dial = None
        self._join()

    async def _reach(self, host: str, port: str) -> None:
        """Connect to the first address of the name that answers; raises what the last one said."""
        found: list[tuple[str, int]] = [(host, int(port))] if _is_plain(host, port) else await addresses(host, port)
        for number, (address, at) in enumerate(found, 1):
            try:
                await asyncio.get_running_loop().create_connection(lambda: self.upstream, address, at)
                return
            except OSError:
                if number == len(found):
                    raise

    def _join(self) -> None:
        up, down = self.proxy.traffic["upstream"], self.proxy.traffic["downstream"]
        self.links["upstream"] = Link(self, self.client, self.upstream, up)
        self.links["downstream"] = Link(self, self.upstream, self.client, down)
        early = [(side, side.inlet) for side in (self.client, self.upstream) if isinstance(side.inlet, Early)]
        self.client.join(self.links["upstream"], self.links["downstream"])
        self.upstream.join(self.links["downstream"], self.links["upstream"])
        for placed in self.proxy.toxics:
            self.add(placed)
        for side, inlet in early:
            side.replay(inlet)
        for link in tuple(self.links.values()):
            link.balance()

    # --- toxics

    def add(self, placed: Placed) -> None:
        """Let a toxic act on this connection, if it bites."""
        link = self.links.get(placed.direction)
        if link and not link.dead and placed.bites(self.number):
            link.add(placed)

    def update(self, placed: Placed) -> None:
        """Let the toxic begin anew with its new settings; whether it bites is drawn again."""
        link = self.links.get(placed.direction)
        if link is None or link.dead:
            return
        stub, bites = link.stub_of(placed), placed.bites(self.number)
        if stub:
            stub.interrupt()
            stub.start(bites)
        elif bites:
            link.add(placed, self.proxy.order(placed))

    def remove(self, placed: Placed) -> None:
        """Take a toxic away."""
        link = self.links.get(placed.direction)
        stub = link.stub_of(placed) if link else None
        if link and stub:
            link.remove(stub)

    # --- the end

    def lost(self, side: Socket) -> None:
        """A socket is gone: what it sent may still drain, what was meant for it is dropped."""
        if not self.links:
            self.abort()
            return
        side.outlet.kill()
        side.inlet.end(Ending.CLOSE)
        if not self.client.open and not self.upstream.open:
            self.proxy.connections.discard(self)

    def settle(self) -> None:
        """Close both sockets when both directions have come to their end."""
        if self.links["upstream"].done and self.links["downstream"].done:
            self.client.finish(Ending.CLOSE)
            self.upstream.finish(Ending.CLOSE)

    def abort(self, *, reset: bool = False) -> None:
        """Close both sockets now, whatever is still on its way; with `reset` both peers get an RST."""
        if self._dial:
            self._dial.cancel()
        if self._accepted:
            self._accepted.close()
            self._accepted = None
        for side in (self.client, self.upstream):
            side.abort(reset=reset)
        for link in self.links.values():
            link.kill()
        self.proxy.connections.discard(self)


def _is_plain(host: str, port: str) -> bool:
    """Is it an address that needs no lookup?"""
    return port.isdecimal() and port.isascii() and (":" in host or host.replace(".", "").isdecimal())
