"""The fault that is a proxy taken down: its port refuses, its open connections are closed."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from chaoslib_ext.errors import FaultNotConfirmed
from chaoslib_ext.model import Target
from chaoslib_ext.proxy.client import Client, ProxyState

from .effects import Asked
from .fault import Fault, Seen, WayBack, curl

__all__ = ["ProxyDown"]


class ProxyDown(Fault):
    """The proxy is disabled. Undone by enabling it, which is only ever asked for one that was enabled before.

    One of several cuts (`flapping`) is told how many, and how long the link listens in between.
    """

    times: int = 1
    up_for: float | None = None

    @classmethod
    def called(cls, given: Mapping[str, Any]) -> str:
        """The word `down`."""
        return "down"

    @property
    def kind(self) -> str:
        """The word `down`."""
        return "down"

    def says(self) -> str:
        """In words."""
        if self.up_for is None:
            return "down: connections are refused"
        return f"down {self.times} times, {self.up_for:g} s up in between: connections are refused"

    def told(self) -> dict[str, str | int | float | None]:
        """How often it is cut, where it flaps."""
        flaps = {} if self.up_for is None else {"times": self.times, "up_for_s": self.up_for}
        return {**super().told(), **flaps}

    def asked(self) -> Asked:
        """Refusals."""
        return Asked("down", {})

    def refusal(self, proxy: ProxyState) -> str | None:
        """One that is down already is somebody else's, and is left alone."""
        return None if proxy.enabled else "the proxy is disabled already, not by this fault, so it is left as it is"

    def way_back(self, target: Target, name: str) -> WayBack:
        """Enable it; its addresses tell it from another proxy that took its name since."""
        return WayBack(
            op="enable_proxy",
            args={
                "server": target.server,
                "proxy": target.proxy,
                "listen": target.listen,
                "upstream": target.upstream,
            },
            says=f"enable proxy {target.proxy} on {target.server}",
            by_hand=curl(
                "POST", f"{target.server}/proxies/{quote(target.proxy, safe='')}", json.dumps({"enabled": True})
            ),
        )

    def apply(self, client: Client, target: Target, name: str) -> None:
        """Disable it."""
        client.update(target.proxy, enabled=False)

    def confirm(self, client: Client, target: Target, name: str) -> Seen:
        """It is disabled."""
        if client.proxy(target.proxy).enabled:
            raise FaultNotConfirmed(f"down on {target.proxy}: the server took it, but shows the proxy enabled")
        return Seen(None, None)
