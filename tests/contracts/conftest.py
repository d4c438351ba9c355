"""One contract, two servers: every test here runs on the embedded server and on the real Toxiproxy.

A test holds both ends of each connection in its own hands: it dials the proxy (`client`) and accepts what the
proxy dials (`peer`). What a test may know of the server is its HTTP API and its sockets, nothing else.
"""

import json
import os
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.client import HTTPResponse
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest

ROOT = Path(__file__).parents[2]
PATIENCE = 10.0  # seconds after which something that should happen is held not to happen


@dataclass(frozen=True)
class Reply:
    """An HTTP answer as it stood on the wire (after de-chunking)."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Api:
    """Speaks HTTP byte by byte: what is asked is what is sent, so that bad requests can be asked too."""

    def __init__(self, url: str, engine: str) -> None:
        self.url, self.engine = url, engine
        parts = urlsplit(url)
        self.address = (parts.hostname or "127.0.0.1", parts.port or 80)

    def raw(self, request: bytes, method: str = "GET", timeout: float = PATIENCE) -> Reply:
        """Send these bytes on a fresh connection, read one answer."""
        with socket.create_connection(self.address, timeout) as sock:
            sock.sendall(request)
            response = HTTPResponse(sock, method=method)
            response.begin()
            body = response.read()
            return Reply(response.status, response.getheaders(), body)

    def ask(self, method: str, path: str, body: Any = None, timeout: float = PATIENCE, **headers: str) -> Reply:
        """One request; a body that is not text or bytes goes out as JSON, header names with _ for -."""
        data = body if isinstance(body, bytes) else body.encode() if isinstance(body, str) else b""
        if not isinstance(body, (bytes, str)) and body is not None:
            data = json.dumps(body).encode()
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self.address[0]}:{self.address[1]}", "Connection: close"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        if data or method in ("POST", "PATCH", "PUT"):
            lines.append(f"Content-Length: {len(data)}")
        return self.raw("\r\n".join([*lines, "", ""]).encode() + data, method, timeout)

    def get(self, path: str, **headers: str) -> Reply:
        return self.ask("GET", path, **headers)

    def post(self, path: str, body: Any = None) -> Reply:
        return self.ask("POST", path, body)

    def patch(self, path: str, body: Any = None) -> Reply:
        return self.ask("PATCH", path, body)

    def delete(self, path: str) -> Reply:
        return self.ask("DELETE", path)

    def clear(self) -> None:
        """Delete every proxy; nothing of one test is left for the next."""
        for name in self.get("/proxies").json:
            self.delete("/proxies/" + quote(name, safe=""))


class Upstream:
    """A listening socket of the test, standing where the real service would."""

    def __init__(self, host: str = "127.0.0.1") -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.sock = socket.socket(family, socket.SOCK_STREAM)
        self.sock.bind((host, 0))
        self.sock.listen(512)
        self.sock.settimeout(PATIENCE)
        self.port: int = self.sock.getsockname()[1]
        self.address = f"[{host}]:{self.port}" if ":" in host else f"{host}:{self.port}"
        self.accepted: list[socket.socket] = []

    def accept(self) -> socket.socket:
        peer, _ = self.sock.accept()
        peer.settimeout(PATIENCE)
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.accepted.append(peer)
        return peer

    def echo(self) -> "Upstream":
        """Answer every connection with its own bytes, from threads, until closed."""
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def _serve(self) -> None:
        while True:
            try:
                peer = self.accept()
            except TimeoutError:
                continue
            except OSError:
                return  # closed by the test
            threading.Thread(target=echo_back, args=(peer,), daemon=True).start()

    def close(self) -> None:
        for sock in [self.sock, *self.accepted]:
            sock.close()


def echo_back(peer: socket.socket) -> None:
    """Send everything back until the other side ends or resets."""
    try:
        peer.settimeout(None)
        while data := peer.recv(65536):
            peer.sendall(data)
        peer.close()
    except OSError:
        pass


@dataclass
class Link:
    """A proxy under test, with the upstream it leads to."""

    api: Api
    name: str
    upstream: Upstream
    listen: str
    opened: list[socket.socket] = field(default_factory=list)

    @property
    def path(self) -> str:
        return f"/proxies/{self.name}"

    @property
    def port(self) -> int:
        return int(self.listen.rpartition(":")[2])

    def dial(self) -> socket.socket:
        client = socket.create_connection(("127.0.0.1", self.port), PATIENCE)
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.opened.append(client)
        return client

    def open(self) -> tuple[socket.socket, socket.socket]:
        """Both ends of one connection through the proxy: (client, peer)."""
        client = self.dial()
        return client, self.upstream.accept()

    def toxic(self, type: str, name: str | None = None, **rest: Any) -> Any:
        """Add a toxic; stream, toxicity and seed are its own, whatever else is given are its attributes."""
        own = {key: rest.pop(key) for key in ("stream", "toxicity", "seed") if key in rest}
        body = {"type": type, "attributes": rest, **own, **({"name": name} if name else {})}
        reply = self.api.post(f"{self.path}/toxics", body)
        assert reply.status == 200, reply
        return reply.json

    def update(self, toxic: str, **attributes: Any) -> None:
        reply = self.api.patch(f"{self.path}/toxics/{toxic}", {"attributes": attributes})
        assert reply.status == 200, reply

    def remove(self, toxic: str) -> None:
        reply = self.api.delete(f"{self.path}/toxics/{toxic}")
        assert reply.status == 204, reply

    def enable(self, on: bool) -> None:
        reply = self.api.patch(self.path, {"enabled": on})
        assert reply.status == 200, reply

    def close(self) -> None:
        for sock in self.opened:
            sock.close()


class Wire:
    """What can be seen of a TCP connection from its end."""

    @staticmethod
    def read(sock: socket.socket, size: int, timeout: float = PATIENCE) -> bytes:
        """Exactly `size` bytes, or what came before the end."""
        sock.settimeout(timeout)
        got = bytearray()
        while len(got) < size and (piece := sock.recv(size - len(got))):
            got += piece
        return bytes(got)

    @staticmethod
    def rest(sock: socket.socket, timeout: float = PATIENCE) -> tuple[bytes, str]:
        """Everything until the end, and how it ended: "eof" or "reset"."""
        sock.settimeout(timeout)
        got = bytearray()
        try:
            while piece := sock.recv(65536):
                got += piece
        except ConnectionResetError:
            return bytes(got), "reset"
        return bytes(got), "eof"

    @classmethod
    def ending(cls, sock: socket.socket, timeout: float = PATIENCE) -> str:
        return cls.rest(sock, timeout)[1]

    @staticmethod
    def silent(sock: socket.socket, seconds: float) -> bool:
        """True if neither a byte nor an end comes within that time."""
        sock.settimeout(seconds)
        try:
            sock.recv(1, socket.MSG_PEEK)
        except TimeoutError:
            return True
        except OSError:
            return False
        return False

    @staticmethod
    def reset(sock: socket.socket) -> None:
        """Close with RST instead of FIN."""
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        sock.close()

    @staticmethod
    def now() -> float:
        return time.monotonic()

    @staticmethod
    def until(holds: Callable[[], Any], timeout: float = PATIENCE) -> Any:
        """Ask again and again until it holds; the last answer if it never does."""
        deadline = time.monotonic() + timeout
        while not (answer := holds()) and time.monotonic() < deadline:
            time.sleep(0.005)
        return answer


@dataclass(frozen=True)
class Running:
    """A server process the tests started."""

    api: Api
    process: subprocess.Popen[bytes]
    log: Path

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(PATIENCE)


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


@pytest.fixture(scope="session")
def toxiproxy_go(go_server: Path) -> Path:
    """The folder with the real server and its CLI."""
    return go_server.parent


@pytest.fixture(scope="session")
def start_server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """start_server(engine, *flags) -> Running; the flags are Toxiproxy's, spelt as both servers take them."""
    started: list[Running] = []

    def start(engine: str, *flags: str, port: int | None = None) -> Running:
        folder = tmp_path_factory.mktemp(engine)
        if engine == "go":
            binary = request.getfixturevalue("toxiproxy_go") / "toxiproxy-server"
            command = [str(binary), *flags]
        else:
            command = [sys.executable, "-m", "chaoslib_ext.proxy.serve", *flags]
        number = port or free_port()
        log = folder / "server.log"
        with log.open("wb") as out:
            process = subprocess.Popen(
                [*command, "--port", str(number)],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                cwd=ROOT,
                env={**os.environ, "LOG_LEVEL": "warn"},
            )
        running = Running(Api(f"http://127.0.0.1:{number}", engine), process, log)
        started.append(running)
        if port is None:
            wait_for_version(running)
        return running

    yield start
    for running in started:
        running.stop()


def wait_for_version(running: Running) -> None:
    def answers() -> bool:
        if running.process.poll() is not None:
            return True  # it ended: say so below instead of waiting
        try:
            return running.api.get("/version").status == 200
        except OSError:
            return False

    answered = Wire.until(answers)
    if not answered or running.process.poll() is not None:
        pytest.fail(f"the {running.api.engine} server did not come up: {running.log.read_text()[-2000:]}")


@pytest.fixture(scope="session", params=["embedded", pytest.param("go", marks=pytest.mark.go)])
def server(request: pytest.FixtureRequest, start_server: Any) -> Running:
    """The server under test, one process per engine for the whole session, with its metrics on."""
    flag = "--proxy-metrics" if request.param == "go" else "--metrics"
    return start_server(request.param, flag)


@pytest.fixture
def api(server: Running) -> Iterator[Api]:
    """The API of the server under test, empty before and after."""
    server.api.clear()
    yield server.api
    server.api.clear()


@pytest.fixture
def engine(server: Running) -> str:
    return server.api.engine


@pytest.fixture
def own_server(engine: str, start_server: Any) -> Iterator[Callable[..., Running]]:
    """own_server(*flags) -> a server of this test alone, of the engine under test."""
    made: list[Running] = []

    def start(*flags: str, port: int | None = None) -> Running:
        made.append(start_server(engine, *flags, port=port))
        return made[-1]

    yield start
    for running in made:
        running.stop()


@pytest.fixture(scope="session")
def wire() -> type[Wire]:
    return Wire


@pytest.fixture
def upstream() -> Iterator[Callable[..., Upstream]]:
    """upstream() -> a listening socket of this test."""
    made: list[Upstream] = []

    def make(host: str = "127.0.0.1") -> Upstream:
        made.append(Upstream(host))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def link(api: Api, upstream: Callable[..., Upstream]) -> Iterator[Callable[..., Link]]:
    """link(echo=False, name="p", api=None) -> a started proxy to a fresh upstream."""
    made: list[Link] = []

    def make(echo: bool = False, name: str = "p", on: Api | None = None) -> Link:
        target = upstream().echo() if echo else upstream()
        server = on or api
        reply = server.post("/proxies", {"name": name, "listen": "127.0.0.1:0", "upstream": target.address})
        assert reply.status == 201, reply
        made.append(Link(server, name, target, reply.json["listen"]))
        return made[-1]

    yield make
    for one in made:
        one.close()
