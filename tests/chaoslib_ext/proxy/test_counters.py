"""Reading a server's counters: the right proxy, the right direction, and an error instead of a zero."""

from collections.abc import Callable
from typing import Any

import pytest

from chaoslib_ext.errors import ProxyFailed, ProxyNotFound
from chaoslib_ext.proxy.client import Client
from chaoslib_ext.proxy.counters import counted, open_connections

# As the original server (2.12.0) writes it, with two listeners that the proxy `web` has had.
EXPOSITION = """\
# HELP toxiproxy_proxy_received_bytes_total The total number of bytes received on a given proxy link
# TYPE toxiproxy_proxy_received_bytes_total counter
toxiproxy_proxy_received_bytes_total{direction="upstream",listener="127.0.0.1:1",proxy="web",upstream="a:1"} 5
toxiproxy_proxy_received_bytes_total{direction="upstream",listener="127.0.0.1:2",proxy="web",upstream="a:1"} 1.2e+07
toxiproxy_proxy_received_bytes_total{direction="downstream",listener="127.0.0.1:1",proxy="web",upstream="a:1"} 70
toxiproxy_proxy_received_bytes_total{direction="upstream",listener="127.0.0.1:3",proxy="web2",upstream="a:1"} 900
"""


@pytest.fixture
def client(pretender: Callable[..., str], says: Callable[..., Any]) -> Client:
    def answer(handler: Any) -> None:
        metrics = handler.path == "/metrics"
        says(200 if metrics else 404, EXPOSITION if metrics else '{"error":"proxy not found","status":404}')(handler)

    return Client(pretender(answer))


def test_bytes_of_one_proxy_in_one_direction_over_all_its_listeners(client: Client) -> None:
    assert counted(client, "web", "received", "upstream") == 12_000_005
    assert counted(client, "web", "received", "downstream") == 70


def test_a_proxy_without_a_counter_is_looked_up(client: Client) -> None:
    with pytest.raises(ProxyNotFound, match='proxy "wbe" not found'):
        counted(client, "wbe", "received", "upstream")


def test_text_that_is_no_exposition_is_named(pretender: Callable[..., str], says: Callable[..., Any]) -> None:
    with pytest.raises(ProxyFailed, match=r"is another program listening there?"):
        counted(Client(pretender(says(200, "<html>{"))), "web", "sent", "upstream")


def test_a_server_that_counts_no_connections_says_so(embedded: str, monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client(embedded)
    client.create("web", "127.0.0.1:9")
    assert open_connections(client, "web") == 0
    monkeypatch.setattr(Client, "metrics", lambda self: [])
    with pytest.raises(ProxyFailed, match="only the embedded server does"):
        open_connections(client, "web")
