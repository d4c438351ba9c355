"""What flows through a proxy: bytes and connections, from the server's /metrics. Reads only.

`proxy` is a name, a glob (`checkout-*`), `tag:database` or `service:payment`; of several the sum is told. Start the
server with `--metrics` (`chaos proxy serve --metrics`; the lab does). Counters are since the proxy was created. The
embedded server counts as it goes; the original one adds a connection's bytes only when it ends.
"""

from chaoslib_ext.blackbox.arguments import seconds
from chaoslib_ext.clock import SYSTEM
from chaoslib_ext.links.known import named
from chaoslib_ext.model import Stream
from chaoslib_ext.proxy.client import Client
from chaoslib_ext.proxy.counters import counted, open_connections
from chaoslib_ext.proxy.selection import matching
from chaoslib_ext.proxy.servers import connect

__all__ = ["bytes_per_s", "bytes_received", "bytes_sent", "connections"]


def bytes_received(proxy: str, direction: Stream = "upstream") -> int:
    """Bytes that came into the proxy in that direction: `upstream` from the client, `downstream` from the server."""
    client = connect()
    return sum(counted(client, name, "received", direction) for name in _meant(client, proxy))


def bytes_sent(proxy: str, direction: Stream = "upstream") -> int:
    """Bytes that the proxy passed on in that direction: `upstream` to the server, `downstream` to the client."""
    client = connect()
    return sum(counted(client, name, "sent", direction) for name in _meant(client, proxy))


def bytes_per_s(proxy: str, direction: Stream = "upstream", *, over: str = "1s") -> float:
    """Bytes a second that the proxy passed on in that direction while we looked; 0: nothing flows.

    Only the embedded server counts while a connection is open.
    """
    length, client = seconds("over", over), connect()
    names = _meant(client, proxy)
    before, began = sum(counted(client, name, "sent", direction) for name in names), SYSTEM.monotonic()
    SYSTEM.sleep(length)
    after = sum(counted(client, name, "sent", direction) for name in names)
    return round((after - before) / (SYSTEM.monotonic() - began), 1)


def connections(proxy: str) -> int:
    """Connections open now; only the embedded server says."""
    client = connect()
    return sum(open_connections(client, name) for name in _meant(client, proxy))


def _meant(client: Client, proxy: str) -> list[str]:
    proxies = client.proxies()
    return [one.name for one in matching(proxies, named(proxies, [proxy], server=client.url), server=client.url)]
