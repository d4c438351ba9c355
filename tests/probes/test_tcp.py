import socket
import threading
from collections.abc import Callable

import pytest

from chaoslib_ext.errors import BadInput, NoAnswer
from chaoslib_ext.proxy.client import Client
from chaoslib_ext.testing.upstream import Upstream
from probes import tcp

Trickling = Callable[[bytes], str]


def test_a_port_connects_or_not(silent: str, closed: str) -> None:
    assert tcp.connects(silent) is True
    assert tcp.connects(closed) is False
    assert 0 < tcp.connect_ms(silent) < 5000


def test_no_connection_has_no_duration(closed: str) -> None:
    with pytest.raises(NoAnswer, match=rf"{closed}: Connection refused; is anything listening"):
        tcp.connect_ms(closed)


def test_a_port_that_drops_everything_is_not_waited_for_longer_than_told() -> None:
    """A queue of one that is full: Linux drops what comes then, as a firewall does."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        host, port = server.getsockname()
        waiting = []
        for _ in range(4):
            sock = socket.socket()
            sock.setblocking(False)
            sock.connect_ex((host, port))
            waiting.append(sock)
        assert tcp.connects(f"{host}:{port}", timeout="300ms") is False
        for sock in waiting:
            sock.close()


def test_a_name_that_is_not_found_is_no_answer_and_not_a_false() -> None:
    with pytest.raises(NoAnswer, match=r"no-such-host\.invalid:80: the name was not found .*spelt right"):
        tcp.connects("no-such-host.invalid:80")


def test_a_name_server_that_is_silent_is_bounded_too(monkeypatch: pytest.MonkeyPatch) -> None:
    done = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: done.wait(60))
    with pytest.raises(NoAnswer, match=r"look-up of its name did not end in 0\.2 s"):
        tcp.connects("shop.example:80", timeout="200ms")
    done.set()


def test_a_server_that_speaks_first_is_heard() -> None:
    with Upstream(lambda peer: peer.sendall(b"220 mail.example ESMTP\r\n250 more\r\n")) as server:
        assert tcp.banner(server.address) == "220 mail.example ESMTP"


def test_a_banner_that_never_comes_or_never_ends_is_an_error_in_time(silent: str, trickling: Trickling) -> None:
    with pytest.raises(NoAnswer, match=r"no whole line after 0 bytes in at most 0\.3 s"):
        tcp.banner(silent, timeout="300ms")
    with pytest.raises(NoAnswer, match=r"no whole line after [1-9]"):
        tcp.banner(trickling(b"2"), timeout="300ms")
    with pytest.raises(NoAnswer, match="no end of its line"):
        tcp.banner(trickling(b"x" * 5000))
    with Upstream(lambda peer: None) as server, pytest.raises(NoAnswer, match="it hung up"):
        tcp.banner(server.address)


def test_a_banner_that_comes_through_a_link_byte_by_byte_is_bounded(link: Callable[[str], str], embedded: str) -> None:
    with Upstream(lambda peer: peer.sendall(b"220 ready\r\n")) as server:
        here = link(server.address)
        assert tcp.banner(here) == "220 ready"
        Client(embedded).add_toxic("link", "slicer", attributes={"average_size": 1, "delay": 200_000})
        assert tcp.connects(here) is True  # the proxy takes it
        with pytest.raises(NoAnswer, match="no whole line"):  # it takes 2 s
            tcp.banner(here, timeout="500ms")


@pytest.mark.parametrize(
    "address", ["shop", "shop:", "shop:0", "shop:99999", "http://shop:80", ":80", "a b:80", 80, ""]
)
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(BadInput, match="address must be"):
        tcp.connects(address)


def test_one_that_was_not_filled_in_is_named() -> None:
    with pytest.raises(BadInput, match=r"address still holds a name in \$\{\}: '\$\{db\}'"):
        tcp.connects("${db}")
    with pytest.raises(BadInput, match="timeout: 'soon' is not a duration"):
        tcp.connects("127.0.0.1:1", timeout="soon")
