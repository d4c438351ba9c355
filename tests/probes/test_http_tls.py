"""HTTP over TLS: our own authority, a client's certificate, a link in between; and through an HTTP proxy."""

import gzip
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from chaoslib_ext.errors import BadInput, NoAnswer
from chaoslib_ext.testing.upstream import Upstream
from probes import http

Serve = Callable[..., str]


class Answering(BaseHTTPRequestHandler):
    """Says who asked, and in which header's name; compressed where that is understood."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        peer = getattr(self.connection, "getpeercert", dict)() or {}
        body = f'{{"client": {len(peer)}, "said": "{self.headers.get("Authorization", "")}"}}'.encode()
        squeezed = "gzip" in self.headers.get("Accept-Encoding", "")
        self.send_response(200)
        self.send_header("X-Stock", "7")
        self.send_header("Content-Type", "application/json; charset=utf-8")
        if squeezed:
            body = gzip.compress(body)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def serve(papers: Any) -> Iterator[Serve]:
    """serve(file, wants_client) -> host:port of an HTTPS server that shows the certificate in it; None: plain HTTP."""
    servers = []

    def start(file: str | None, wants_client: bool = False) -> str:
        server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
        server.handle_error = lambda *_: None  # type: ignore[method-assign]
        if file:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=papers.ca)
            context.load_cert_chain(file)
            context.verify_mode = ssl.CERT_REQUIRED if wants_client else ssl.CERT_NONE
            server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        servers.append(server)
        return f"127.0.0.1:{server.server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@dataclass
class Forward:
    """A proxy that tunnels (CONNECT) and passes on (a whole URL), and remembers what it was asked."""

    asked: list[bytes] = field(default_factory=list)

    def talk(self, peer: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            head += peer.recv(65536)
        self.asked.append(head)
        verb, target, *_ = head.split()
        host, port = target.removeprefix(b"http://").split(b"/")[0].split(b":")
        with socket.create_connection((host.decode(), int(port)), 10) as far:
            if verb == b"CONNECT":
                peer.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
            else:
                far.sendall(head)
            back = threading.Thread(target=pass_on, args=(far, peer), daemon=True)
            back.start()
            pass_on(peer, far)
            back.join()


def pass_on(here: socket.socket, there: socket.socket) -> None:
    try:
        while piece := here.recv(65536):
            there.sendall(piece)
        there.shutdown(socket.SHUT_WR)
    except OSError:
        return


def test_our_own_authority_and_name(serve: Serve, papers: Any) -> None:
    url = f"https://{serve(papers.server)}/"
    trust = {"ca_file": papers.ca, "server_name": "shop.example"}
    assert http.status(url, tls=trust) == 200
    assert http.bad_fraction(url, 4, tls=trust) == 0
    assert http.p95_latency_ms(url, 4, tls=trust) < 5000
    for not_enough in ({"ca_file": papers.ca}, {"server_name": "shop.example"}, None):
        with pytest.raises(NoAnswer, match=r"(?i)certificate"):
            http.status(url, tls=not_enough)
    assert http.bad_fraction(url, 2) == 1.0


def test_a_server_that_asks_who_we_are_through_a_link(serve: Serve, papers: Any, link: Callable[[str], str]) -> None:
    url = f"https://{link(serve(papers.server, wants_client=True))}/"
    trust = {"ca_file": papers.ca, "server_name": "shop.example"}
    with pytest.raises(NoAnswer):
        http.status(url, tls=trust)
    assert http.json_value(url, "$.client", tls={**trust, "client_cert_file": papers.client}) > 0


def test_a_header_and_a_compressed_body(serve: Serve) -> None:
    url = f"http://{serve(None)}/"
    assert http.header(url, "x-stock") == "7"
    assert http.header(url, "X-None", missing="0") == "0"
    assert http.json_value(url, "$.client") == 0  # it came as gzip
    assert http.text_value(url, r'"client": (\d+)') == "0"
    assert http.text_value(url, "client") == "client"
    assert http.text_value(url, "none", missing="-") == "-"
    assert http.body_matches(url, '"said"') is True
    assert http.body_matches(url, "^said") is False


def test_through_an_http_proxy(serve: Serve, papers: Any) -> None:
    proxy = Forward()
    with Upstream(proxy.talk) as forward:
        through = {"http_proxy": f"http://user:so-very-secret@{forward.address}"}
        assert http.status(f"http://{serve(None)}/", **through) == 200
        trust = {"ca_file": papers.ca, "server_name": "shop.example"}
        assert http.status(f"https://{serve(papers.server)}/", tls=trust, **through) == 200
    assert proxy.asked[0].startswith(b"GET http://127.0.0.1:")
    assert proxy.asked[1].startswith(b"CONNECT 127.0.0.1:")
    with pytest.raises(NoAnswer) as caught:
        http.status("http://127.0.0.1:1/", **through)
    assert "so-very-secret" not in str(caught.value)


def test_who_we_are_goes_out_and_is_not_told(serve: Serve, closed: str) -> None:
    said = {"headers": {"Authorization": "Bearer so-very-secret"}}
    assert http.json_value(f"http://{serve(None)}/", "$.said", **said) == "Bearer so-very-secret"
    for url, wrong in (
        (f"http://user:so-very-secret@{closed}/?token=so-very-secret", {}),
        ("http://user:so-very-secret@/", {}),
        ("ftp://user:so-very-secret@host/", {}),
        ("http://user:so-very-secret@${host}/", {}),
        (f"http://{closed}/", {"headers": {"Authorization": "so-very-secret\n"}}),
        (f"http://{closed}/", {"http_proxy": "shop:so-very-secret@proxy"}),
    ):
        with pytest.raises((NoAnswer, BadInput)) as caught:
            http.status(url, **wrong)
        assert "so-very-secret" not in str(caught.value)


def test_a_body_longer_than_can_be_looked_at_is_told(monkeypatch: pytest.MonkeyPatch, serve: Serve) -> None:
    from chaoslib_ext.blackbox import http as room

    monkeypatch.setattr(room, "_MOST_BYTES", 10)
    with pytest.raises(NoAnswer, match="a body longer than 10 bytes"):
        http.body_matches(f"http://{serve(None)}/", "x")


def test_a_body_that_trickles_is_bounded(trickling: Callable[[bytes], str]) -> None:
    address = trickling(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    with pytest.raises(NoAnswer, match="no answer in time"):
        http.body_matches(f"http://{address}/", "x", timeout="400ms")
    assert http.bad_fraction(f"http://{address}/", 3, timeout="400ms") == 1.0


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"tls": {"ca_file": "x"}}, "tls is for https"),
        ({"url": "https://127.0.0.1:1/", "tls": {"cafile": "x"}}, "tls has no 'cafile'; did you mean ca_file"),
        ({"url": "https://127.0.0.1:1/", "tls": "x"}, "tls must be a mapping"),
        ({"url": "https://127.0.0.1:1/", "tls": {"ca_file": "/none"}}, "no such file"),
        ({"http_proxy": "proxy:3128"}, "the http_proxy 'proxy:3128' cannot be asked"),
        ({"headers": {"Authorization": "Bearer ${token}"}}, r"the header 'Authorization' still holds a name in \$\{\}"),
        ({"headers": "x"}, "headers must be a mapping"),
        ({"url": "http://me:x@127.0.0.1:1/", "headers": {"authorization": "x"}}, "in the url or in the header"),
    ],
)
def test_a_wrong_question_is_refused(wrong: dict[str, Any], named: str) -> None:
    with pytest.raises(BadInput, match=named):
        http.status(**{"url": "http://127.0.0.1:1/", **wrong})


def test_a_pattern_that_is_none_is_refused() -> None:
    with pytest.raises(BadInput, match=r"'\(' is not a regular expression"):
        http.body_matches("http://127.0.0.1:1/", "(")
    with pytest.raises(BadInput, match="name must be text"):
        http.header("http://127.0.0.1:1/", "")
