"""A server of the selftest's own hangs, dies and comes back on its port; on both engines."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from chaoslib_ext.errors import ProxyUnreachable, ServerGone
from chaoslib_ext.proxy.client import Client
from chaoslib_ext.selftest.server import Server


@pytest.fixture(params=["embedded", pytest.param("go", marks=pytest.mark.go)])
def server(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    if request.param == "go":
        monkeypatch.setenv("TOXIPROXY_SERVER_BIN", str(request.getfixturevalue("go_server")))
    it = Server(request.param, tmp_path)
    it.start()
    yield it
    it.kill()


def test_it_dies_and_comes_back_on_its_port(server: Server) -> None:
    url = server.url
    server.client.create("web", "127.0.0.1:1")
    server.kill()
    assert not server.is_alive
    with pytest.raises(ServerGone):
        Client(url).proxies()
    server.start()
    assert server.url == url and server.client.proxies() == {}


def test_it_hangs_and_goes_on(server: Server) -> None:
    server.client.version()
    server.hang()
    with pytest.raises(ProxyUnreachable):
        Client(server.url, timeout=0.3).version()
    server.go_on()
    assert server.client.version()


def test_killing_it_twice_does_no_harm(server: Server) -> None:
    server.kill()
    server.kill()
