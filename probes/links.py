"""What flows through a proxy: bytes and connections, from the server's /metrics. Reads only.

Start the server with `--metrics` (`chaos proxy serve --metrics`; the lab does). Counters are since the proxy was
created. The embedded server counts as it goes; the original one adds a connection's bytes only when it ends.
"""

from chaoslib_ext.model import Stream
from chaoslib_ext.proxy.counters import counted, open_connections
from chaoslib_ext.proxy.servers import connect

__all__ = ["bytes_received", "bytes_sent", "connections"]


def bytes_received(proxy: str, direction: Stream = "upstream") -> int:
    """Bytes that came into the proxy in that direction: `upstream` from the client, `downstream` from the server."""
    return counted(connect(), proxy, "received", direction)


def bytes_sent(proxy: str, direction: Stream = "upstream") -> int:
    """Bytes that the proxy passed on in that direction: `upstream` to the server, `downstream` to the client."""
    return counted(connect(), proxy, "sent", direction)


def connections(proxy: str) -> int:
    """Connections open now; only the embedded server says."""
    return open_connections(connect(), proxy)
