"""What a victim may hurt, and what it must not touch: two proxies of the selftest's own, and others' things on them.

A toxic of somebody else sits on `web`, and `closed` was disabled by somebody else. Whatever happens, both must look
afterwards as they did before.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from chaoslib_ext.errors import ProxyError
from chaoslib_ext.proxy.client import Client
from chaoslib_ext.testing.upstream import Upstream, http

from .server import Server

__all__ = ["Scene", "scene"]

_FOREIGN = {"type": "latency", "name": "someone-elses", "attributes": {"latency": 1, "jitter": 0}}
_DISABLED = "closed"
_PROXIES = ("web", "orders", _DISABLED)

Looks = dict[str, dict[str, Any]]


class Scene:
    """A server with its proxies; `before` is how all of it looks when nothing is wrong."""

    def __init__(self, server: Server, upstream: str) -> None:
        self.server = server
        self._upstream = upstream
        self._listen: dict[str, str] = {}
        self.before: Looks = {}
        self.build()

    def build(self) -> None:
        """Make it as it should be, whatever is there; the same addresses each time. Raises ProxyError."""
        client = self.server.client
        for name in client.proxies():
            client.delete(name)
        for name in _PROXIES:
            made = client.create(name, self._upstream, self._listen.get(name))
            self._listen[name] = made.listen
        client.add_toxic("web", **_FOREIGN)  # type: ignore[arg-type]
        client.update(_DISABLED, enabled=False)
        self.before = self.looks(client)

    def looks(self, client: Client | None = None) -> Looks:
        """How it looks now. Raises ProxyError when the server does not say."""
        return {name: one.as_json() for name, one in (client or self.server.client).proxies().items()}

    def restart(self) -> None:
        """The server dies and another comes up on its port, with the same proxies. Raises ProxyError."""
        self.server.kill()
        self.server.start()
        self.build()

    def wrong(self) -> list[str]:
        """What differs from before, in words; empty when all is clean. Raises ProxyError."""
        now = self.looks()
        if now == self.before:
            return []
        return [word for name in sorted({*now, *self.before}) for word in self._wrong_with(name, now.get(name))]

    def _wrong_with(self, name: str, now: dict[str, Any] | None) -> Iterator[str]:
        then = self.before.get(name)
        if now is None or then is None:
            yield f"proxy {name} is {'gone' if now is None else 'new'}"
            return
        if now == then:
            return
        toxics, earlier = ({one["name"]: one for one in state["toxics"]} for state in (now, then))
        for toxic in sorted({*toxics, *earlier}):
            if toxics.get(toxic) != earlier.get(toxic):
                yield f"toxic {toxic} {_what(toxics.get(toxic), earlier.get(toxic))} {name}"
        if now["enabled"] != then["enabled"]:
            yield f"proxy {name} is {'enabled, and somebody had disabled it' if now['enabled'] else 'still down'}"
        if (now["listen"], now["upstream"]) != (then["listen"], then["upstream"]):
            yield f"proxy {name} leads elsewhere"

    def is_clean(self) -> bool:
        """Is all as before? A server that is not there, or says nothing, has nothing of ours that counts now."""
        try:
            return not self.wrong()
        except ProxyError:
            return not self.server.is_alive


def _what(now: Any, then: Any) -> str:
    if now is None:
        return "of somebody else is gone from"
    return "is still on" if then is None else "of somebody else was changed on"


@contextmanager
def scene(engine: str, folder: Path) -> Iterator[Scene]:
    """A scene in a folder of its own, gone afterwards. Raises ProxyError or BadInput."""
    server = Server(engine, folder)
    with Upstream(http) as upstream:
        try:
            server.start()
            yield Scene(server, upstream.address)
        finally:
            server.kill()
