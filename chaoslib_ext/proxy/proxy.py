"""One proxy: where it listens, where it leads, its toxics and its open connections."""

import asyncio
import logging
import socket
from typing import TYPE_CHECKING, Any

from .connection import Connection
from .listening import Address, ListenError, bound, resolved, scarce, shown, split
from .placed import DIRECTIONS, Direction, Placed
from .traffic import Traffic

if TYPE_CHECKING:
    from .server import Server

__all__ = ["Proxy"]

logger = logging.getLogger("chaoslib_ext.proxy")

AT_ONCE = 256
"""Connections accepted in one turn of the event loop, so that the others are not kept waiting."""


class Proxy:
    """Everything but `resolve` happens at once; a caller never sees a half-changed proxy."""

    def __init__(self, name: str, listen: str, upstream: str, server: "Server") -> None:
        self.name = name
        self.listen = listen
        self.upstream = upstream
        self.server = server
        self.toxics: list[Placed] = []
        self.connections: set[Connection] = set()
        self.accepted = 0
        self.traffic: dict[Direction, Traffic] = {}
        self._listener: socket.socket | None = None

    @property
    def enabled(self) -> bool:
        """Does it listen?"""
        return self._listener is not None

    def upstream_address(self) -> tuple[str, str]:
        """Host and port to dial; raises ValueError when the text (never checked before) has no such form."""
        try:
            host, port = split(self.upstream)
        except ListenError as error:
            raise ValueError(str(error)) from error
        return host or "localhost", port

    async def resolve(self) -> Address:
        """The address behind the `listen` text; raises ListenError. The only step that may take a while (DNS)."""
        return await resolved(self.listen)

    def start(self, address: Address) -> None:
        """Listen there; raises ListenError."""
        self._listener = bound(address)
        host, port = self._listener.getsockname()[:2]
        self.listen = shown(host, port)
        for way in DIRECTIONS:
            key = (way, self.name, self.listen, self.upstream)
            self.traffic[way] = self.server.traffic.setdefault(key, Traffic())
        self._accept_more()
        logger.info("proxy %s listens on %s for %s", self.name, self.listen, self.upstream)

    def stop(self) -> None:
        """Stop listening and close every connection, those still dialling too."""
        if self._listener is None:
            return
        asyncio.get_running_loop().remove_reader(self._listener.fileno())
        self._listener.close()
        self._listener = None
        for connection in tuple(self.connections):
            connection.abort()
        logger.info("proxy %s stopped", self.name)

    # --- toxics

    def find(self, name: str) -> Placed | None:
        """The toxic of that name, in either direction."""
        return next((placed for placed in self.toxics if placed.name == name), None)

    def order(self, placed: Placed) -> list[Placed]:
        """The toxics of one direction, first in the chain first."""
        return [other for other in self.toxics if other.direction == placed.direction]

    def place(self, placed: Placed) -> None:
        """Put a toxic at the end of its direction's chain, for connections to come."""
        placed.arrive(self.name, self.accepted, self.server.seed)
        self.toxics.append(placed)

    def add(self, placed: Placed) -> None:
        """Put a toxic at the end of its direction's chain, on open connections too."""
        self.place(placed)
        for connection in tuple(self.connections):
            connection.add(placed)
        logger.info("proxy %s: toxic %s (%s, %s) added", self.name, placed.name, placed.type, placed.direction)

    def update(self, placed: Placed, toxic: Any, toxicity: float) -> None:
        """Give a toxic new settings; it begins anew on every connection."""
        placed.toxic, placed.toxicity = toxic, toxicity
        placed.updates += 1
        for connection in tuple(self.connections):
            connection.update(placed)
        logger.info("proxy %s: toxic %s updated to %s", self.name, placed.name, toxic)

    def remove(self, placed: Placed) -> None:
        """Take a toxic away."""
        self.toxics.remove(placed)
        for connection in tuple(self.connections):
            connection.remove(placed)
        logger.info("proxy %s: toxic %s removed", self.name, placed.name)

    def as_json(self) -> dict[str, Any]:
        """As the API shows it; `Logger` is an accident of the original that its clients have learned to expect."""
        ordered = sorted(self.toxics, key=lambda placed: placed.direction == "downstream")
        return {
            "name": self.name,
            "listen": self.listen,
            "upstream": self.upstream,
            "enabled": self.enabled,
            "Logger": {},
            "toxics": [placed.as_json() for placed in ordered],
        }

    # --- accepting

    def _accept_more(self) -> None:
        if self._listener is not None:
            asyncio.get_running_loop().add_reader(self._listener.fileno(), self._accept)

    def _accept(self) -> None:
        for _ in range(AT_ONCE):
            try:
                sock, _peer = self._listener.accept()  # type: ignore[union-attr]
            except (BlockingIOError, ConnectionAbortedError, InterruptedError):
                return
            except OSError as error:
                self._rest(error.strerror)
                return
            if scarce(sock.fileno()):
                sock.close()
                self._rest("no more descriptors than the API needs are left")
                return
            sock.setblocking(False)
            self.accepted += 1
            self.connections.add(Connection(self, sock, self.accepted, self.server.alarms))

    def _rest(self, why: str | None) -> None:
        """Out of file descriptors or memory: come back in a second instead of spinning."""
        logger.error("proxy %s cannot accept: %s; see `ulimit -n`; trying again in 1 s", self.name, why)
        loop = asyncio.get_running_loop()
        if self._listener is not None:
            loop.remove_reader(self._listener.fileno())
        loop.call_later(1.0, self._accept_more)
