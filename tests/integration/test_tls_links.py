"""TLS through a link: passed on unopened, the name that the client checks, and the ways to keep the real one.

The web server and libpq are real, the certificates too. The wheel's PostgreSQL is built without TLS, so its TLS is
taken off by a small front that answers PostgreSQL's own greeting, as a pooler does.
"""

import http.server
import json
import socket
import socketserver
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
import trustme
import urllib3

from actions import toxics
from chaoslib_ext.faults.run import end_current
from chaoslib_ext.lab.postgres import Postgres, data_folder
from chaoslib_ext.lab.processes import spawn
from chaoslib_ext.links.reach import speaks_tls
from chaoslib_ext.proxy.client import Client

NAME = "payment.example"
SSL_REQUEST = b"\x00\x00\x00\x08\x04\xd2\x16\x2f"
"""What a PostgreSQL client says first when it wants TLS (PostgreSQL's documentation, 55.7)."""

pytestmark = pytest.mark.timeout(180)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> tuple[trustme.CA, Path]:
    """An authority, and the file that a client trusts."""
    made = trustme.CA()
    file = tmp_path_factory.mktemp("authority") / "ca.pem"
    made.cert_pem.write_to_path(str(file))
    return made, file


def context_for(made: trustme.CA, names: list[str | None]) -> ssl.SSLContext:
    """A server's context with a certificate for NAME; what clients ask for (SNI) is put into `names`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.issue_cert(NAME).configure_cert(context)
    context.sni_callback = lambda sock, name, _: names.append(name)
    return context


@contextmanager
def served(server: socketserver.BaseServer) -> Iterator[str]:
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


class Answers(http.server.BaseHTTPRequestHandler):
    """What it was called (the Host header); /go redirects to its own full URL."""

    def do_GET(self) -> None:
        self.send_response(302 if self.path == "/go" else 200)
        self.send_header("Location", f"https://{NAME}:{self.server.server_address[1]}/there")
        self.end_headers()
        self.wfile.write(str(self.headers["Host"]).encode())

    def log_message(self, *_: Any) -> None:
        """Nothing on stderr."""


@pytest.fixture
def web(authority: tuple[trustme.CA, Path]) -> Iterator[tuple[str, list[str | None]]]:
    """An HTTPS server, and the names it was asked for."""
    names: list[str | None] = []
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    server.socket = context_for(authority[0], names).wrap_socket(server.socket, server_side=True)
    with served(server) as address:
        yield address, names


def kept_name(listen: str, authority: Path) -> urllib3.HTTPSConnectionPool:
    """A client that connects to the link and asks for, and checks, the real name."""
    host, _, port = listen.rpartition(":")
    return urllib3.HTTPSConnectionPool(
        host, int(port), ca_certs=str(authority), server_hostname=NAME, assert_hostname=NAME, retries=False
    )


@pytest.mark.joins("links", "proxy")
def test_the_client_checks_the_links_name_unless_it_keeps_the_real_one(
    toxiproxy: str, authority: tuple[trustme.CA, Path], web: tuple[str, list[str | None]]
) -> None:
    address, names = web
    listen = Client(toxiproxy).create("payment", address).listen
    with pytest.raises(urllib3.exceptions.SSLError, match="IP address mismatch"):
        urllib3.PoolManager(ca_certs=str(authority[1]), retries=False).request("GET", f"https://{listen}/")
    names.clear()
    answer = kept_name(listen, authority[1]).request("GET", "/", headers={"Host": NAME})
    assert (answer.status, answer.data.decode(), names) == (200, NAME, [NAME])


def test_without_a_word_the_host_header_names_the_link_and_a_redirect_leads_past_it(
    toxiproxy: str, authority: tuple[trustme.CA, Path], web: tuple[str, list[str | None]]
) -> None:
    listen = Client(toxiproxy).create("payment", web[0]).listen
    client = kept_name(listen, authority[1])
    assert client.request("GET", "/").data.decode() == listen
    leads_to = client.request("GET", "/go", redirect=False).headers["Location"]
    assert leads_to == f"https://{NAME}:{web[0].rpartition(':')[2]}/there"


def test_a_fault_bites_inside_tls_and_breaks_nothing(
    toxiproxy: str,
    authority: tuple[trustme.CA, Path],
    web: tuple[str, list[str | None]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TOXIPROXY_URL", toxiproxy)
    listen = Client(toxiproxy).create("payment", web[0]).listen
    told = toxics.add_latency("payment", 300, duration="1m")
    assert told["faults"][0]["bit"] is True
    before = time.monotonic()
    assert kept_name(listen, authority[1]).request("GET", "/").status == 200
    assert time.monotonic() - before >= 0.6  # at least: the greeting and the answer, 300 ms each
    end_current()
    assert Client(toxiproxy).toxics("payment") == []


KINDS: list[tuple[Callable[..., dict[str, Any]], dict[str, int]]] = [
    (toxics.add_bandwidth, {"rate_kb_per_s": 1}),
    (toxics.add_slicer, {"average_size_bytes": 50, "delay_us": 20_000}),
    (toxics.add_timeout, {}),
    (toxics.add_reset_peer, {"timeout_ms": 20}),
    (toxics.add_slow_close, {"delay_ms": 400}),
    (toxics.add_limit_data, {"bytes": 20}),
]


@pytest.mark.parametrize(("action", "asked"), KINDS, ids=[action.__name__ for action, _ in KINDS])
def test_every_kind_of_fault_is_measured_on_tls(
    embedded: str,
    web: tuple[str, list[str | None]],
    monkeypatch: pytest.MonkeyPatch,
    action: Callable[..., dict[str, Any]],
    asked: dict[str, int],
) -> None:
    monkeypatch.setenv("TOXIPROXY_URL", embedded)
    Client(embedded).create("payment", web[0])
    for stream in ("downstream", "upstream"):
        told = action("payment", **asked, stream=stream, duration="1m")
        assert told["faults"][0]["bit"] is True, (stream, told["faults"][0]["measured"])
        end_current()


def test_check_says_that_it_is_tls(toxiproxy: str, web: tuple[str, list[str | None]], tmp_path: Path) -> None:
    assert speaks_tls(web[0])
    env = {"TOXIPROXY_URL": toxiproxy, "CHAOS_LINKS": str(tmp_path / "links.yaml"), "CHAOS_STATE_DIR": str(tmp_path)}
    chaos = [str(Path(sys.executable).with_name("chaos")), "--no-version-check", "--no-log-file", "link"]
    for words in (["add", "payment", "--upstream", web[0]], ["check", "--json"]):
        ran = subprocess.run([*chaos, *words], env=env, capture_output=True, text=True, timeout=60, check=True)
    assert json.loads(ran.stdout) == [{"name": "payment", "problem": "", "tls": True}]


class Front(socketserver.BaseRequestHandler):
    """Takes the TLS off a PostgreSQL connection, after the greeting in the clear that PostgreSQL begins with."""

    context: ssl.SSLContext
    behind: int

    def handle(self) -> None:
        assert self.request.recv(8, socket.MSG_WAITALL) == SSL_REQUEST
        self.request.sendall(b"S")
        try:
            outside = self.context.wrap_socket(self.request, server_side=True)
        except (ssl.SSLError, OSError):
            return  # the client did not like the certificate
        inside = socket.create_connection(("127.0.0.1", self.behind))
        back = threading.Thread(target=pumped, args=(inside, outside), daemon=True)
        back.start()
        pumped(outside, inside)
        back.join()
        outside.close()
        inside.close()


def pumped(source: socket.socket, to: socket.socket) -> None:
    """Bytes one way until either side is done."""
    try:
        while data := source.recv(65536):
            to.sendall(data)
        to.shutdown(socket.SHUT_WR)
    except OSError:
        return


@pytest.fixture
def postgres(tmp_path: Path) -> Iterator[int]:
    """A real PostgreSQL of this test alone; its port."""
    (tmp_path / "logs").mkdir()
    server = Postgres(tmp_path, data_folder(tmp_path), "s3cret")
    server.prepare()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    process = spawn(server.command(port), tmp_path, tmp_path / "logs" / "postgres.log")
    deadline = time.monotonic() + 60
    while not server.answers(port):
        assert process.poll() is None and time.monotonic() < deadline, (tmp_path / "logs" / "postgres.log").read_text()
        time.sleep(0.05)
    yield port
    process.terminate()
    process.wait(30)


def test_verify_full_holds_over_a_link_by_hostaddr(
    toxiproxy: str, authority: tuple[trustme.CA, Path], postgres: int
) -> None:
    """libpq connects to `hostaddr` and checks the certificate for `host`."""
    names: list[str | None] = []
    handler = type("Of", (Front,), {"context": context_for(authority[0], names), "behind": postgres})
    with served(socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler)) as address:
        port = Client(toxiproxy).create("db", address).listen.rpartition(":")[2]
        url = f"postgresql://postgres:s3cret@{{}}:{port}/postgres?sslmode=verify-full&sslrootcert={authority[1]}"
        with pytest.raises(psycopg.OperationalError, match=f'"{NAME}".* does not match host name "127.0.0.1"'):
            psycopg.connect(url.format("127.0.0.1"))
        names.clear()
        with psycopg.connect(url.format(NAME) + "&hostaddr=127.0.0.1") as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
            assert connection.pgconn.ssl_in_use
        assert names == [NAME]
