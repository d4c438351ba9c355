"""A world for the contract."""

from collections.abc import Iterator

import pytest

from chaoslib_ext.faults.run import end_current
from chaoslib_ext.proxy.client import Client
from chaoslib_ext.testing.faults import World
from chaoslib_ext.testing.upstream import Upstream, http


@pytest.fixture
def world(embedded: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setenv("TOXIPROXY_URL", embedded)
    client = Client(embedded)
    with Upstream(http) as service:
        client.create("web", service.address)
        yield World(client)
        end_current()
