"""A proxy `web` with a small web server behind it, on both servers."""

from collections.abc import Iterator

import pytest

from chaoslib_ext.faults.run import end_current
from chaoslib_ext.proxy.client import Client
from chaoslib_ext.testing.upstream import Upstream, http


@pytest.fixture
def client(toxiproxy: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    monkeypatch.setenv("TOXIPROXY_URL", toxiproxy)
    client = Client(toxiproxy)
    with Upstream(http) as service:
        client.create("web", service.address)
        yield client
        end_current()
