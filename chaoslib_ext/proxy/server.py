"""All proxies of one server, and what the API can do with them, as Toxiproxy's ProxyCollection does it.

Order of steps: whatever may take a while (resolving a `listen` name) comes first and changes nothing; then everything
is checked; then it happens in one turn of the event loop. So nothing is ever half-done, and no call waits for another.

An update to a port that is taken answers 500 and leaves the proxy stopped with the new `listen`, as the original does:
the old connections are gone by then anyway, and a client that asked for a new address must not find the old one served.
"""

import asyncio

from . import bodies
from .alarms import Alarms
from .bodies import ApiError, ProxyBody
from .listening import Address, ListenError, resolved
from .placed import Placed
from .proxy import Proxy
from .traffic import Traffic

__all__ = ["Server"]


class Server:
    """The proxies by name."""

    def __init__(self, seed: int | None = None) -> None:
        self.seed = seed
        self.proxies: dict[str, Proxy] = {}
        self.alarms = Alarms(asyncio.get_running_loop())
        self.traffic: dict[tuple[str, str, str, str], Traffic] = {}
        """Bytes by (direction, proxy, listen, upstream); kept when a proxy goes, as counters must not fall."""

    def proxy(self, name: str) -> Proxy:
        """The proxy of that name; raises ApiError (404)."""
        if name not in self.proxies:
            raise ApiError("proxy not found", 404)
        return self.proxies[name]

    def toxic(self, proxy: str, name: str) -> Placed:
        """A proxy's toxic of that name; raises ApiError (404)."""
        placed = self.proxy(proxy).find(name)
        if placed is None:
            raise ApiError("toxic not found", 404)
        return placed

    async def create(self, body: ProxyBody) -> Proxy:
        """Make a proxy, with its toxics, or nothing. Raises ApiError: 409 when it exists, 500 when it can't listen."""
        self._refuse_existing(body.name)
        proxy = self._made(body)
        if body.enabled:
            address = await _resolved(proxy)
            self._refuse_existing(body.name)
            _start(proxy, address)
        self.proxies[proxy.name] = proxy
        return proxy

    async def populate(self, bodies: list[ProxyBody], done: list[Proxy]) -> None:
        """Make or replace proxies; one that listens and leads where it should already is left as it is.

        `done` takes each as it is ready, so that those before an error (ApiError) are known.
        """
        for body in bodies:
            done.append(await self._put(body))

    async def update(self, name: str, changes: dict[str, object]) -> Proxy:
        """Change where a proxy listens or leads, or whether it does. Raises ApiError."""
        proxy, listen, address = await self._to_be(name, changes)
        upstream = str(changes.get("upstream", proxy.upstream))
        enabled = bool(changes.get("enabled", proxy.enabled))
        if str(address) != proxy.listen or upstream != proxy.upstream:
            proxy.stop()
            proxy.listen, proxy.upstream = listen, upstream
        if enabled and not proxy.enabled:
            _start(proxy, address)
        elif not enabled:
            proxy.stop()
        return proxy

    def delete(self, name: str) -> None:
        """Stop a proxy and forget it. Raises ApiError (404)."""
        proxy = self.proxy(name)
        proxy.stop()
        del self.proxies[name]
        for key in [key for key, traffic in self.traffic.items() if key[1] == name and not traffic.received]:
            del self.traffic[key]  # nothing ever passed: nobody misses it

    async def reset(self) -> None:
        """Start what is stopped, remove all toxics; stop at the first that can't start (ApiError, 500)."""
        for proxy in tuple(self.proxies.values()):
            if not proxy.enabled:
                address = await _resolved(proxy)
                if self.proxies.get(proxy.name) is proxy and not proxy.enabled:
                    _start(proxy, address)
            for placed in tuple(proxy.toxics):
                proxy.remove(placed)

    def add_toxic(self, proxy: str, body: bytes) -> Placed:
        """Put a toxic on a proxy. Raises ApiError: 400, 404, or 409 when the name is taken in either direction."""
        placed = bodies.new_toxic(body, [other.name for other in self.proxy(proxy).toxics])
        self.proxy(proxy).add(placed)
        return placed

    def update_toxic(self, proxy: str, name: str, body: bytes) -> Placed:
        """Change a toxic's settings or toxicity, all or nothing. Raises ApiError."""
        placed = self.toxic(proxy, name)
        self.proxy(proxy).update(placed, *bodies.toxic_changes(body, placed))
        return placed

    def remove_toxic(self, proxy: str, name: str) -> None:
        """Take a toxic away. Raises ApiError (404)."""
        self.proxy(proxy).remove(self.toxic(proxy, name))

    def close(self) -> None:
        """Stop everything."""
        for name in tuple(self.proxies):
            self.delete(name)
        self.alarms.close()

    async def _to_be(self, name: str, changes: dict[str, object]) -> tuple[Proxy, str, Address]:
        """A proxy and where it is to listen, neither of which has changed while the address was resolved."""
        while True:
            proxy = self.proxy(name)
            listen = str(changes.get("listen", proxy.listen))
            address = await _address(listen)
            if self.proxies.get(name) is proxy and listen == changes.get("listen", proxy.listen):
                return proxy, listen, address

    def _made(self, body: ProxyBody) -> Proxy:
        proxy = Proxy(body.name, body.listen, body.upstream, self)
        for placed in body.toxics:
            proxy.place(placed)
        return proxy

    def _refuse_existing(self, name: str) -> None:
        if name in self.proxies:
            raise ApiError("proxy already exists", 409)

    async def _put(self, body: ProxyBody) -> Proxy:
        proxy = self._made(body)
        if body.name in self.proxies:
            address = await _address(body.listen)
        elif body.enabled:
            address = await _resolved(proxy)
        old = self.proxies.get(body.name)
        if old is not None:
            if str(address) == old.listen and body.upstream == old.upstream:
                return old
            old.stop()
        if body.enabled:
            _start(proxy, address)
        self.proxies[proxy.name] = proxy
        return proxy


async def _resolved(proxy: Proxy) -> Address:
    try:
        return await proxy.resolve()
    except ListenError as error:
        raise ApiError(f"listen tcp: {error}", 500) from None


async def _address(listen: str) -> Address:
    """As Go's ResolveTCPAddr, whose errors lack the leading words."""
    try:
        return await resolved(listen)
    except ListenError as error:
        raise ApiError(str(error), 500) from None


def _start(proxy: Proxy, address: Address) -> None:
    try:
        proxy.start(address)
    except ListenError as error:
        raise ApiError(str(error), 500) from None
