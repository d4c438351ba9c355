"""What a server has counted of one proxy: bytes by direction, and the connections open now.

Source: Toxiproxy's METRICS.md for the byte counters; the gauge `toxiproxy_proxy_connections` is the embedded server's.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal

from chaoslib_ext.errors import BadInput, ProxyFailed

if TYPE_CHECKING:
    from prometheus_client.samples import Sample

    from chaoslib_ext.model import Stream

    from .client import Client

__all__ = ["counted", "open_connections"]


def counted(client: "Client", proxy: str, what: Literal["received", "sent"], direction: "Stream") -> int:
    """Bytes since the proxy was created; 0 before the first. Raises ProxyNotFound, and ProxyFailed without metrics."""
    if direction not in ("upstream", "downstream"):
        raise BadInput(f"direction is {direction!r}; it must be upstream (client to server) or downstream (back)")
    named = f"toxiproxy_proxy_{what}_bytes_total"
    return _sum(sample for sample in _samples(client, proxy, named) if sample.labels.get("direction") == direction)


def open_connections(client: "Client", proxy: str) -> int:
    """Connections open now. Raises ProxyNotFound, and ProxyFailed where the server does not count them."""
    samples = _samples(client, proxy, "toxiproxy_proxy_connections")
    if not samples:
        raise ProxyFailed(
            f"{client.url} does not count connections; only the embedded server does: "
            "`chaos proxy serve --metrics`, or `chaos lab up`"
        )
    return _sum(samples)


def _samples(client: "Client", proxy: str, named: str) -> "list[Sample]":
    samples = client.metrics()
    if samples is None:
        raise ProxyFailed(f"{client.url} counts nothing: start it with `chaos proxy serve --metrics`")
    found = [one for one in samples if one.name == named and one.labels.get("proxy") == proxy]
    if not found:
        client.proxy(proxy)  # nothing counted yet, or no such proxy: the second is an error with the near names
    return found


def _sum(samples: "Iterable[Sample]") -> int:
    return int(sum(sample.value for sample in samples))
