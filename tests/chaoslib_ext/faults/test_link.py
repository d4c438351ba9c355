"""One connection, watched: every way it may go."""

import socket
import struct
import threading
from collections.abc import Callable

import pytest

from chaoslib_ext.clock import SYSTEM
from chaoslib_ext.faults.link import Sampling, reach, sample, samples
from chaoslib_ext.model import Target
from chaoslib_ext.testing.upstream import Upstream, http, silent


def address_of(service: Upstream) -> tuple[str, int]:
    host, port = service.address.split(":")
    return host, int(port)


def taken(talk: Callable[[socket.socket], None], how: Sampling) -> object:
    with Upstream(talk) as service:
        return sample(address_of(service), how)


def test_an_answer_is_timed_and_counted() -> None:
    def late(peer: socket.socket) -> None:
        peer.recv(100)
        SYSTEM.sleep(0.05)
        peer.sendall(b"hello")
        peer.recv(100)

    one = taken(late, Sampling(b"?", 2))
    assert one.end == "answered" and one.size == 5 and one.head == b"hello" and one.pieces == 1  # type: ignore[attr-defined]
    assert 50 <= one.first_ms < 1000 and one.end_ms >= one.first_ms  # type: ignore[attr-defined]


def test_a_whole_answer_is_read_to_its_end() -> None:
    one = taken(http, Sampling(b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n", 2, whole=True))
    assert one.end == "closed" and one.size == 5041  # type: ignore[attr-defined]


def test_a_reset_is_told_from_a_close() -> None:
    def reset(peer: socket.socket) -> None:
        peer.recv(100)
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    assert taken(reset, Sampling(b"?", 2)).end == "reset"  # type: ignore[attr-defined]
    assert taken(lambda peer: peer.recv(100) and None, Sampling(b"?", 2)).end == "closed"  # type: ignore[attr-defined]


def test_silence_ends_when_the_time_is_over() -> None:
    one = taken(silent, Sampling(b"?", 0.1))
    assert one.end == "open" and 100 <= one.end_ms < 1500 and one.first_ms is None  # type: ignore[attr-defined]


def test_after_our_half_close_the_time_to_the_end_counts() -> None:
    def slow_to_close(peer: socket.socket) -> None:
        peer.sendall(b"hello")
        while peer.recv(100):
            pass
        SYSTEM.sleep(0.05)

    one = taken(slow_to_close, Sampling(b"?", 2, half_close=True))
    assert one.end == "closed" and one.end_ms >= 50  # type: ignore[attr-defined]


def test_a_refusal_is_no_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    assert sample(("127.0.0.1", port), Sampling(b"?", 1)).end == "refused"


def test_several_go_at_once() -> None:
    together = threading.Barrier(3, timeout=5)
    with Upstream(lambda peer: (together.wait(), peer.sendall(b"x"))[1]) as service:
        assert [one.end for one in samples(address_of(service), [Sampling(b"", 5)] * 3)] == ["answered"] * 3


@pytest.mark.parametrize(
    ("server", "listen", "where"),
    [
        ("http://127.0.0.1:8474", "127.0.0.1:100", ("127.0.0.1", 100)),
        ("http://127.0.0.1:8474", "0.0.0.0:100", ("127.0.0.1", 100)),
        ("http://127.0.0.1:8474", "[::]:100", ("127.0.0.1", 100)),
        ("http://localhost:8474", "[::1]:100", ("::1", 100)),
        ("http://[::1]:8474", ":100", ("127.0.0.1", 100)),
        ("http://toxi.example:8474", "0.0.0.0:100", ("toxi.example", 100)),
        ("http://toxi.example:8474", "10.0.0.7:100", ("10.0.0.7", 100)),
        ("http://toxi.example:8474", "127.0.0.1:100", None),
        ("http://127.0.0.1:8474", "127.0.0.1:http", None),
        ("http://127.0.0.1:8474", "127.0.0.1:0", None),
    ],
)
def test_where_a_proxy_is_reached(server: str, listen: str, where: tuple[str, int] | None) -> None:
    assert reach(Target(server=server, proxy="p", listen=listen, upstream="u:1")) == where
