import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from chaoslib_ext.errors import BadInput, NoAnswer
from chaoslib_ext.proxy.client import Client
from chaoslib_ext.testing.upstream import Upstream
from probes import tls

Serve = Callable[..., str]


@pytest.fixture
def serve(papers: Any) -> Iterator[Serve]:
    """serve(file, wants_client) -> address of a server that shows the certificate in it."""
    servers = []

    def start(file: str, wants_client: bool = False) -> str:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=papers.ca)
        context.load_cert_chain(file)
        context.verify_mode = ssl.CERT_REQUIRED if wants_client else ssl.CERT_NONE
        context.maximum_version = ssl.TLSVersion.TLSv1_2  # the handshake itself fails without a client's certificate

        def talk(peer: socket.socket) -> None:
            with context.wrap_socket(peer, server_side=True) as safe:
                safe.recv(1)

        servers.append(Upstream(talk))
        return servers[-1].address

    yield start
    for server in servers:
        server.close()


def test_a_good_certificate_is_trusted_for_its_name_by_its_authority_only(serve: Serve, papers: Any) -> None:
    address = serve(papers.server)
    assert tls.is_trusted(address, "shop.example", ca_file=papers.ca) is True
    assert tls.is_trusted(address, "other.example", ca_file=papers.ca) is False
    assert tls.is_trusted(address, ca_file=papers.ca) is False  # 127.0.0.1 is not its name
    assert tls.is_trusted(address, "shop.example") is False  # the system does not know this authority


def test_days_left_whatever_it_is_worth(serve: Serve, papers: Any) -> None:
    good, old = serve(papers.server), serve(papers.expired)
    assert tls.days_left(good) > 300_000
    assert tls.days_left(good, "shop.example", ca_file=papers.ca) > 300_000
    assert tls.days_left(old, "shop.example", ca_file=papers.ca) < -2000
    assert tls.is_trusted(old, "shop.example", ca_file=papers.ca) is False


def test_all_that_is_seen_of_it(serve: Serve, papers: Any) -> None:
    seen = tls.certificate(serve(papers.expired), "shop.example", ca_file=papers.ca)
    assert seen["names"] == ["shop.example"]
    assert seen["not_after"] == "2020-01-01T00:00:00+00:00"
    assert "trustme" in seen["issuer"] and seen["protocol"] == "TLSv1.2"
    assert (seen["is_trusted"], seen["problem"]) == (False, "certificate has expired")
    trusted = tls.certificate(serve(papers.server), "shop.example", ca_file=papers.ca)
    assert (trusted["is_trusted"], trusted["problem"]) == (True, None)


def test_a_server_that_asks_who_we_are(serve: Serve, papers: Any) -> None:
    address = serve(papers.server, wants_client=True)
    with pytest.raises(NoAnswer, match="no TLS handshake"):
        tls.is_trusted(address, "shop.example", ca_file=papers.ca)
    ours = {"ca_file": papers.ca, "client_cert_file": papers.client}
    assert tls.is_trusted(address, "shop.example", **ours) is True


def test_through_a_link_the_name_is_given(serve: Serve, papers: Any, link: Callable[[str], str], embedded: str) -> None:
    here = link(serve(papers.server))
    assert tls.is_trusted(here, "shop.example", ca_file=papers.ca) is True
    Client(embedded).add_toxic("link", "timeout", attributes={"timeout": 0})
    with pytest.raises(NoAnswer, match="no TLS handshake in time"):
        tls.is_trusted(here, "shop.example", ca_file=papers.ca, timeout="500ms")


def test_through_a_link_that_lets_single_bytes_through_the_whole_look_is_bounded(
    serve: Serve, papers: Any, link: Callable[[str], str], embedded: str
) -> None:
    here = link(serve(papers.server))
    Client(embedded).add_toxic("link", "slicer", attributes={"average_size": 1, "delay": 100_000})
    with pytest.raises(NoAnswer, match="no TLS handshake in time"):  # 100 ms a byte: it would take minutes
        tls.days_left(here, "shop.example", ca_file=papers.ca, timeout="700ms")


def test_what_speaks_no_tls_is_told(silent: str, closed: str, trickling: Callable[[bytes], str]) -> None:
    with pytest.raises(NoAnswer, match="no TLS handshake in time; does it speak TLS"):
        tls.days_left(silent, timeout="300ms")
    with pytest.raises(NoAnswer, match=r"no TLS handshake \(\w+\); does it speak TLS"):
        tls.days_left(trickling(b"220 mail.example ESMTP\r\n"))
    with pytest.raises(NoAnswer, match="Connection refused"):
        tls.is_trusted(closed)


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"ca_file": "/none.pem"}, "ca_file is '/none.pem', and there is no such file"),
        ({"client_key_file": __file__}, "without client_cert_file"),
        ({"client_cert_file": __file__}, "not a certificate and its key in PEM"),
        ({"ca_file": __file__}, "holds no certificates in PEM"),
        ({"server_name": "a..b"}, "server_name must be the name of a host"),
        ({"server_name": ""}, "server_name must be text"),
    ],
)
def test_papers_that_are_none_are_refused_before_anything_is_asked(wrong: dict[str, Any], named: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0)
        with pytest.raises(BadInput, match=named):
            tls.days_left(f"127.0.0.1:{server.getsockname()[1]}", **wrong)
        with pytest.raises(BlockingIOError):
            server.accept()


def test_an_encrypted_key_is_refused_and_nobody_is_asked_for_its_password(papers: Any, tmp_path: Any) -> None:
    from cryptography.hazmat.primitives import serialization as form

    plain = open(papers.client, "rb").read()  # noqa: SIM115
    key = form.load_pem_private_key(plain, None)
    locked = key.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.BestAvailableEncryption(b"x"))
    file = tmp_path / "key.pem"
    file.write_bytes(locked)
    done = threading.Event()

    def ask() -> None:
        with pytest.raises(BadInput, match="client_key_file is encrypted"):
            tls.days_left("127.0.0.1:1", client_cert_file=papers.client, client_key_file=str(file))
        done.set()

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    assert done.wait(30)
