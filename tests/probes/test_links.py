"""Bytes and connections of a proxy, as its server counts them."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from chaoslib_ext.errors import BadInput, ProxyFailed, UnknownTarget
from chaoslib_ext.model import Stream
from chaoslib_ext.proxy.client import Client
from chaoslib_ext.proxy.serve import start_detached
from probes import links


@pytest.fixture
def upstream() -> Iterator[str]:
    """A service that answers 5 bytes with 7, once a connection, then closes."""

    def serve() -> None:
        while True:
            try:
                with server.accept()[0] as peer:
                    if peer.recv(5):
                        peer.sendall(b"7 bytes")
                        peer.recv(1)
            except OSError:
                return

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=serve, daemon=True).start()
        yield f"127.0.0.1:{server.getsockname()[1]}"
        server.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def dial(toxiproxy: str, upstream: str, monkeypatch: pytest.MonkeyPatch) -> Callable[[], socket.socket]:
    """dial() -> a connection through the proxy `web` that has sent 5 bytes and got 7."""
    monkeypatch.setenv("TOXIPROXY_URL", toxiproxy)
    host, _, port = Client(toxiproxy).create("web", upstream).listen.rpartition(":")

    def connect() -> socket.socket:
        sock = socket.create_connection((host, int(port)), 10)
        sock.sendall(b"5byte")
        got = b""
        while len(got) < 7:
            got += sock.recv(7)
        return sock

    return connect


def until(ask: Callable[[], Any], expected: Any) -> Any:
    """Ask until it is as expected, for at most 10 s; the last answer."""
    deadline = time.monotonic() + 10
    while (answer := ask()) != expected and time.monotonic() < deadline:
        time.sleep(0.01)
    return answer


def counts() -> dict[str, int]:
    """All four counters of `web`."""
    directions: tuple[Stream, ...] = ("upstream", "downstream")
    return {
        f"{ask.__name__} {direction}": ask("web", direction)
        for ask in (links.bytes_received, links.bytes_sent)
        for direction in directions
    }


def test_bytes_both_ways(dial: Callable[[], socket.socket]) -> None:
    before = counts()  # a server also counts what earlier proxies named `web` let through
    dial().close()  # the original server counts a connection when it ends
    more = {name: 5 if "upstream" in name else 7 for name in before}
    assert until(lambda: {name: count - before[name] for name, count in counts().items()}, more) == more


def test_connections_open_now(
    dial: Callable[[], socket.socket], toxiproxy: str, request: pytest.FixtureRequest
) -> None:
    if request.node.callspec.params["toxiproxy"] == "go":
        with pytest.raises(ProxyFailed, match="does not count connections; only the embedded server does"):
            links.connections("web")
        return
    with dial():
        assert links.connections("web") == 1
    assert until(lambda: links.connections("web"), 0) == 0


def test_several_links_are_counted_together(dial: Callable[[], socket.socket], toxiproxy: str, upstream: str) -> None:
    Client(toxiproxy).create("web-2", upstream)
    before = links.bytes_sent("web", "downstream") + links.bytes_sent("web-2", "downstream")
    dial().close()
    assert until(lambda: links.bytes_sent("web*", "downstream") - before, 7) == 7


def test_how_much_flows_in_a_second(dial: Callable[[], socket.socket], request: pytest.FixtureRequest) -> None:
    if request.node.callspec.params["toxiproxy"] == "go":
        return  # it counts a connection when that ends
    assert links.bytes_per_s("web", over="50ms") == 0
    done = threading.Event()

    def keep_dialling() -> None:
        while not done.is_set():
            dial().close()

    thread = threading.Thread(target=keep_dialling)
    thread.start()
    try:
        assert until(lambda: links.bytes_per_s("web", "downstream", over="100ms") > 0, True)
    finally:
        done.set()
        thread.join()


def test_wrong_questions(dial: Callable[[], socket.socket]) -> None:
    for ask in (links.bytes_sent, links.bytes_received, links.bytes_per_s, links.connections):
        with pytest.raises(UnknownTarget, match=r"did you mean web?"):
            ask("wbe")
    with pytest.raises(UnknownTarget, match=r"no proxy on .* matches"):
        links.bytes_sent("x*")
    with pytest.raises(BadInput, match="over: 'soon'"):
        links.bytes_per_s("web", over="soon")
    with pytest.raises(BadInput, match="direction is 'sideways'"):
        links.bytes_sent("web", "sideways")  # type: ignore[arg-type]


def test_a_server_without_metrics_says_how_to_get_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    serving = start_detached(metrics=False, log=tmp_path / "server.log")
    try:
        monkeypatch.setenv("TOXIPROXY_URL", serving.url)
        Client(serving.url).create("web", "127.0.0.1:9")
        for ask in (links.bytes_received, links.bytes_sent, links.bytes_per_s, links.connections):
            with pytest.raises(ProxyFailed, match="start it with `chaos proxy serve --metrics`"):
                ask("web")
    finally:
        psutil.Process(serving.pid).kill()
