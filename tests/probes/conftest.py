"""Real servers to ask: a PostgreSQL, a Valkey, a certificate authority; and one that never gets to the point."""

import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from chaoslib_ext.testing.upstream import Upstream

PASSWORD = "ke:ep/it@out"
"""With signs that a URL could not hold as they are."""


@dataclass(frozen=True)
class Database:
    """A server's address, its user and database (`shop`), and the password."""

    address: str
    password: str

    def url(self, address: str | None = None) -> str:
        """Without the password; at another address, such as a link's."""
        return f"postgresql://shop@{address or self.address}/shop"


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def until(is_up: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while not is_up():
        assert process.poll() is None and time.monotonic() < deadline, "the server did not come up"
        time.sleep(0.05)


@pytest.fixture(scope="session")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A PostgreSQL with the lab's shop in it, for the session."""
    pytest.importorskip("psycopg", reason="the lab's packages are not installed")
    from chaoslib_ext.lab.postgres import Postgres, data_folder
    from chaoslib_ext.lab.processes import spawn

    folder = tmp_path_factory.mktemp("postgres")
    (folder / "logs").mkdir()
    (data := data_folder(folder)).mkdir(exist_ok=True)
    server, port = Postgres(folder, data, PASSWORD), free_port()
    server.prepare()
    process = spawn(server.command(port), folder, folder / "logs" / "postgres.log")
    try:
        until(lambda: server.answers(port), process)
        server.finish(port)
        yield Database(f"127.0.0.1:{port}", PASSWORD)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)


@dataclass(frozen=True)
class Cache:
    """A Valkey's address and password."""

    address: str
    password: str

    def url(self, address: str | None = None) -> str:
        """Without the password; at another address, such as a link's."""
        return f"valkey://{address or self.address}/0"


@pytest.fixture(scope="session")
def valkey_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cache]:
    """A Valkey for the session."""
    pytest.importorskip("valkey", reason="the lab's packages are not installed")
    from chaoslib_ext.lab.processes import spawn
    from chaoslib_ext.lab.valkey import ValkeyServer

    folder = tmp_path_factory.mktemp("valkey")
    secret = "kept-to-itself"
    server, port = ValkeyServer(folder, folder, secret), free_port()
    server.prepare()
    process = spawn(server.command(port), folder, folder / "valkey.log")
    try:
        until(lambda: server.answers(port), process)
        yield Cache(f"127.0.0.1:{port}", secret)
    finally:
        process.terminate()
        process.wait(30)


@pytest.fixture
def link(embedded: str) -> Callable[[str], str]:
    """link(address) -> where a proxy named `link` listens that leads there; toxics go on it by `Client(embedded)`."""
    from chaoslib_ext.proxy.client import Client

    return lambda address: Client(embedded).create("link", address).listen


@pytest.fixture
def trickling() -> Iterator[Callable[[bytes], str]]:
    """trickling(first) -> address of a server that says `first` at once and then a byte, and a byte, and a byte."""
    done = threading.Event()
    servers = []

    def start(first: bytes = b"") -> str:
        def talk(peer: socket.socket) -> None:
            peer.sendall(first)
            while not done.wait(0.05):
                peer.sendall(b"a")

        servers.append(Upstream(talk))
        return servers[-1].address

    yield start
    done.set()
    for server in servers:
        server.close()


@pytest.fixture
def silent() -> Iterator[str]:
    """The address of a port that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"127.0.0.1:{server.getsockname()[1]}"


@pytest.fixture
def closed() -> str:
    """An address where nobody listens."""
    return f"127.0.0.1:{free_port()}"


@dataclass(frozen=True)
class Papers:
    """Files in PEM: of our own authority, of a server for `shop.example`, of a client."""

    ca: str
    server: str
    expired: str
    client: str


@pytest.fixture(scope="session")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Papers:
    """Certificates of an authority that only these tests know."""
    from datetime import datetime

    import trustme

    folder: Path = tmp_path_factory.mktemp("papers")
    ca = trustme.CA()
    ca.cert_pem.write_to_path(str(folder / "ca.pem"))
    old = {"not_before": datetime(2019, 1, 1), "not_after": datetime(2020, 1, 1)}
    for name, made in {
        "server": ca.issue_cert("shop.example"),
        "expired": ca.issue_cert("shop.example", **old),
        "client": ca.issue_cert(common_name="probe"),
    }.items():
        made.private_key_and_cert_chain_pem.write_to_path(str(folder / f"{name}.pem"))
    return Papers(*(str(folder / f"{name}.pem") for name in ("ca", "server", "expired", "client")))
