"""A proxy with a service behind it, on the embedded server and on the real one; every run ended after its test."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from chaoslib_ext.faults.run import end_current
from chaoslib_ext.proxy.client import Client
from chaoslib_ext.testing import upstream
from chaoslib_ext.testing.faults import World
from chaoslib_ext.testing.upstream import Upstream

SERVICES = {
    "web-http": upstream.http,
    "orders-postgresql": upstream.postgresql,
    "cart-valkey": upstream.ping,
    "mail": upstream.greeting,
    "odd": upstream.silent,
}


@pytest.fixture
def client(toxiproxy: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    """A client of an empty server, which is the one that runs find."""
    monkeypatch.setenv("TOXIPROXY_URL", toxiproxy)
    yield Client(toxiproxy)
    end_current()


@pytest.fixture
def link(client: Client) -> Iterator[Callable[[str], str]]:
    """Make the proxy of one of the services above, and return its name."""
    with ExitStack() as stack:

        def make(name: str) -> str:
            service = stack.enter_context(Upstream(SERVICES[name]))
            return client.create(name, service.address).name

        yield make


@pytest.fixture
def world(client: Client, link: Callable[[str], str]) -> World:
    """The same with two proxies on it: web-http and orders-postgresql."""
    link("web-http")
    link("orders-postgresql")
    return World(client)
