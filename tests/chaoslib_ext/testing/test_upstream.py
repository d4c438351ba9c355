"""The small services speak their protocols."""

import socket

import pytest

from chaoslib_ext.testing.upstream import Conversation, Upstream, greeting, http, ping, postgresql, silent


@pytest.mark.parametrize(
    ("talk", "said", "answer"),
    [
        (http, b"GET / HTTP/1.1\r\n\r\n", b"HTTP/1.1 200 OK"),
        (postgresql, bytes.fromhex("0000000804d2162f"), b"N"),
        (postgresql, b"GET / HT", b""),
        (ping, b"*1\r\n$4\r\nPING\r\n", b"+PONG\r\n"),
        (ping, b"GET /", b"-ERR unknown command\r\n"),
        (greeting, b"", b"220 at your service\r\n"),
    ],
)
def test_what_is_said_is_answered(talk: Conversation, said: bytes, answer: bytes) -> None:
    with Upstream(talk) as service:
        host, port = service.address.split(":")
        with socket.create_connection((host, int(port)), timeout=5) as one:
            one.sendall(said)
            assert one.recv(15 if talk is http else 100) == answer


def test_the_silent_one_says_nothing_and_closes_when_we_do() -> None:
    with Upstream(silent) as service:
        host, port = service.address.split(":")
        with socket.create_connection((host, int(port)), timeout=5) as one:
            one.sendall(b"hello")
            one.shutdown(socket.SHUT_WR)
            assert one.recv(10) == b""
