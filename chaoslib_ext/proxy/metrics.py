"""What Prometheus sees: the live counters, read when it asks, so that the data path pays nothing for them."""

from collections.abc import Callable, Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from .server import Server

__all__ = ["exposition"]

BYTES = ("direction", "proxy", "listener", "upstream")
OPEN = ("proxy", "listener", "upstream")


class _Live(Collector):
    def __init__(self, server: Server) -> None:
        self._server = server

    def collect(self) -> Iterator[Metric]:
        received = CounterMetricFamily("toxiproxy_proxy_received_bytes", "Bytes read, live.", labels=BYTES)
        sent = CounterMetricFamily("toxiproxy_proxy_sent_bytes", "Bytes written, live.", labels=BYTES)
        for (direction, *names), traffic in self._server.traffic.items():
            received.add_metric((direction, *names), traffic.received)
            sent.add_metric((direction, *names), traffic.sent)
        connections = GaugeMetricFamily("toxiproxy_proxy_connections", "Open connections.", labels=OPEN)
        for proxy in self._server.proxies.values():
            connections.add_metric((proxy.name, proxy.listen, proxy.upstream), len(proxy.connections))
        return iter((received, sent, connections))


def exposition(server: Server) -> Callable[[str], tuple[bytes, str]]:
    """A function from an Accept header to the metrics as (body, content type)."""
    registry = CollectorRegistry()
    registry.register(_Live(server))

    def expose(accept: str) -> tuple[bytes, str]:
        encoder, content_type = choose_encoder(accept)
        return encoder(registry), content_type

    return expose
