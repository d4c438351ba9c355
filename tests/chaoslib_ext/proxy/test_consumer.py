"""The wire: every request goes through toxiproxy-python's consumer, is bounded, and an odd answer is named."""

import ast
import http.client
import socket
import ssl
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import trustme
from toxiproxy.api import APIConsumer

from chaoslib_ext.clock import SYSTEM
from chaoslib_ext.errors import ProxyError, ProxyUnreachable, ServerGone
from chaoslib_ext.proxy.client import Client
from chaoslib_ext.proxy.consumer import Consumer

METHODS = ("get", "post", "patch", "delete")


def use_everything(client: Client) -> None:
    """Call every public method of a client once."""
    client.version()
    client.create("web", "127.0.0.1:9", toxics=[{"type": "noop"}])
    client.add_toxic("web", "latency", name="slow")
    client.update_toxic("web", "slow", attributes={"latency": 1})
    client.toxic("web", "slow")
    client.toxics("web")
    client.remove_toxic("web", "slow")
    client.update("web", enabled=False)
    client.proxy("web")
    client.proxies()
    client.populate([{"name": "web", "listen": "127.0.0.1:0", "upstream": "127.0.0.1:9"}])
    client.reset()
    client.metrics()
    client.delete("web")


def test_the_consumer_carries_every_request(toxiproxy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    through_consumer: Counter[str] = Counter()
    on_the_wire: Counter[str] = Counter()
    for name in METHODS:

        def counted(cls: type[Consumer], url: str, *args: object, _name: str = name, **kwargs: object) -> object:
            through_consumer[_name.upper()] += 1
            return getattr(Consumer, f"_uncounted_{_name}").__func__(cls, url, *args, **kwargs)

        monkeypatch.setattr(Consumer, f"_uncounted_{name}", Consumer.__dict__[name], raising=False)
        monkeypatch.setattr(Consumer, name, classmethod(counted))
    put = http.client.HTTPConnection.putrequest

    def seen(connection: http.client.HTTPConnection, method: str, *args: object, **kwargs: object) -> None:
        on_the_wire[method] += 1
        put(connection, method, *args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(http.client.HTTPConnection, "putrequest", seen)
    use_everything(Client(toxiproxy))
    assert through_consumer == on_the_wire
    assert set(on_the_wire) == {"GET", "POST", "PATCH", "DELETE"}


def test_each_server_has_its_own_subclass_of_the_librarys_consumer() -> None:
    one, other = Client("127.0.0.1:1")._api, Client("[::1]:2")._api
    assert issubclass(one, APIConsumer) and issubclass(other, APIConsumer) and one is not other
    assert (one.host, one.port, other.host, other.port) == ("127.0.0.1", "1", "[::1]", "2")
    assert (APIConsumer.host, APIConsumer.port) == ("127.0.0.1", 8474)  # the library's own is left alone


# Whoever may speak HTTP, and to whom; nobody else, so nobody speaks to a Toxiproxy past the consumer.
MAY_SPEAK = {
    "chaoslib_ext/proxy/consumer.py": "Toxiproxy",
    "probes/http.py": "the system under test",
    "chaoslib_ext/selftest/steps.py": "as an action of somebody else's, past everything of ours",
}
HTTP = {"requests", "urllib3", "httpx", "http", "toxiproxy"}


def test_no_other_module_speaks_http(checkout: Path) -> None:
    speaking = {
        str(file.relative_to(checkout))
        for root in ("chaoslib_ext", "probes", "actions")
        for file in (checkout / root).rglob("*.py")
        if "lab" not in file.relative_to(checkout).parts[:2] and HTTP & set(_imports(file))
    }
    assert speaking - MAY_SPEAK.keys() == set()


def _imports(file: Path) -> Iterator[str]:
    for node in _run_time_nodes(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from ("http" if alias.name == "urllib.request" else alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            yield "http" if node.module == "urllib.request" else node.module.split(".")[0]


def _run_time_nodes(tree: ast.AST) -> Iterator[ast.AST]:
    for node in ast.iter_child_nodes(tree):
        if not (isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING"):
            yield node
            yield from _run_time_nodes(node)


LIBRARY = """
import sys
from toxiproxy import Toxiproxy
server = Toxiproxy()
server.update_api_consumer("127.0.0.1", int(sys.argv[1]))
assert server.running() and b"version" in server.version()
web = server.create(name="web", upstream="127.0.0.1:9")
assert server.get_proxy("web").listen == web.listen
web.add_toxic(type="latency", attributes={"latency": 100})
assert web.toxics()["latency_downstream"].attributes["latency"] == 100
web.destroy_toxic("latency_downstream")
with web.down():
    assert not server.get_proxy("web").enabled
assert server.get_proxy("web").enabled and web.toxics() == {}
assert [p.name for p in server.populate([{"name": "db", "upstream": "127.0.0.1:9", "listen": "127.0.0.1:0"}])] == ["db"]
server.reset()
server.destroy_all()
assert server.proxies() == {}
"""


def test_the_librarys_own_classes_work(toxiproxy: str) -> None:
    port = toxiproxy.rpartition(":")[2]
    ran = subprocess.run([sys.executable, "-c", LIBRARY, port], capture_output=True, text=True, timeout=60)
    assert ran.returncode == 0, ran.stderr


def test_an_answer_cut_short_is_an_error_of_ours(pretender: Callable[..., str], says: Callable[..., Any]) -> None:
    with pytest.raises(ProxyUnreachable):
        Client(pretender(says(200, "{", **{"Content-Length": "99"}))).proxies()


@pytest.fixture
def forgetful() -> Iterator[str]:
    """A server that answers the first request of each connection, and closes it at the second without a word."""
    reply = b'HTTP/1.1 200 OK\r\nContent-Length: 21\r\n\r\n{"version": "2.12.0"}'

    def serve() -> None:
        while True:
            try:
                with server.accept()[0] as caller:
                    caller.recv(65536)
                    caller.sendall(reply)
                    caller.recv(65536)
            except OSError:
                return  # closed by the test

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        server.shutdown(socket.SHUT_RDWR)


def test_a_kept_connection_that_the_server_closes_is_opened_anew(forgetful: str) -> None:
    client = Client(forgetful)
    assert [client.version() for _ in range(3)] == ["2.12.0"] * 3


def test_but_nothing_is_created_twice(forgetful: str) -> None:
    client = Client(forgetful)
    client.version()
    with pytest.raises(ProxyUnreachable, match=r"cannot be reached .POST /proxies."):
        client.create("web", "127.0.0.1:9")


def test_a_server_that_hangs_is_left_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as hung:
        client = Client(f"127.0.0.1:{hung.getsockname()[1]}", timeout=0.2)
        with pytest.raises(ProxyUnreachable, match=r"does not answer within 0.2 s \(GET /version\)") as raised:
            client.version()
    assert not isinstance(raised.value, ServerGone)  # it may still hold its toxics


def test_a_server_that_drips_is_left_in_time() -> None:
    """One byte now and then: no single wait is long."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip() -> None:
            connection, _ = server.accept()
            with connection, suppress(OSError):
                for byte in b"HTTP/1.1 200 OK\r\nContent-Length: 300\r\n\r\n" + b" " * 300:
                    connection.send(bytes([byte]))
                    SYSTEM.sleep(0.1)

        dripping = threading.Thread(target=drip)
        dripping.start()
        client = Client(f"127.0.0.1:{server.getsockname()[1]}", timeout=0.5)
        with pytest.raises(ProxyUnreachable, match=r"does not answer within 0.5 s \(GET /version\)"):
            client.version()
        dripping.join(20)
        assert not dripping.is_alive(), "it would have dripped for half a minute"


def test_a_server_that_is_gone_is_told_apart() -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        url = f"127.0.0.1:{gone.getsockname()[1]}"
    with pytest.raises(ServerGone, match=r"connection refused.*chaos proxy serve"):
        Client(url).version()


def test_a_name_that_does_not_resolve_is_not_taken_for_a_dead_server() -> None:
    with pytest.raises(ProxyUnreachable) as raised:
        Client("no-such-host.invalid:8474").version()
    assert not isinstance(raised.value, ServerGone)


def test_the_environments_forward_proxy_is_not_asked(embedded: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(variable, "http://127.0.0.1:1")
    assert Client(embedded).version()


def test_a_server_without_patch_gets_post(pretender: Callable[..., str], says: Callable[..., Any]) -> None:
    asked: list[str] = []

    def old(handler: BaseHTTPRequestHandler) -> None:
        asked.append(handler.command)
        web = '{"name":"web","listen":"127.0.0.1:1","upstream":"127.0.0.1:9","enabled":true,"toxics":[]}'
        says(405 if handler.command == "PATCH" else 200, "" if handler.command == "PATCH" else web)(handler)

    client = Client(pretender(old))
    client.update("web", enabled=True)
    client.update("web", enabled=True)
    assert asked == ["PATCH", "POST", "POST"]


def test_every_error_of_the_wire_is_one_family() -> None:
    assert issubclass(ServerGone, ProxyUnreachable) and issubclass(ProxyUnreachable, ProxyError)


def test_a_server_behind_tls_is_trusted_as_the_machine_trusts(
    tmp_path: Path, says: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    handler = type("Handler", (BaseHTTPRequestHandler,), {"do_GET": says(200, '{"version": "2.12.0"}')})
    with HTTPServer(("127.0.0.1", 0), handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"https://127.0.0.1:{server.server_address[1]}"
        with pytest.raises(ProxyUnreachable, match="certificate verify failed"):
            Client(url, timeout=4.0).version()
        authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
        assert Client(url, timeout=4.5).version() == "2.12.0"
        server.shutdown()
