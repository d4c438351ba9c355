"""A server that pretends to be a Toxiproxy, for what no Toxiproxy would answer; and our own in this process."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from chaoslib_ext.proxy.bodies import ProxyBody
from chaoslib_ext.proxy.connection import Connection
from chaoslib_ext.proxy.proxy import Proxy
from chaoslib_ext.proxy.server import Server

Answer = Callable[[BaseHTTPRequestHandler], None]


@pytest.fixture
def pretender() -> Iterator[Callable[[Answer], str]]:
    """pretender(answer) -> the URL of an HTTP server that answers everything so."""
    servers: list[HTTPServer] = []

    def start(answer: Answer) -> str:
        class Pretender(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_one_request(self) -> None:
                self.raw_requestline = self.rfile.readline(65537)
                if self.raw_requestline and self.parse_request():
                    self.rfile.read(int(self.headers.get("Content-Length") or 0))
                    answer(self)
                self.close_connection = True

            def log_message(self, *_: object) -> None:
                pass

        server = HTTPServer(("127.0.0.1", 0), Pretender)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def says() -> Callable[..., Answer]:
    """says(404, "text", Header="value") -> that answer, whatever is asked."""
    return _says


def _says(status: int, text: str, **headers: str) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in {"Content-Length": str(len(text.encode())), "Connection": "close", **headers}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(text.encode())

    return answer


@dataclass
class Linked:
    """One connection through a proxy of an in-process server, both of its ends in the test's hands."""

    proxy: Proxy
    client: asyncio.StreamReader
    client_out: asyncio.StreamWriter
    peer: asyncio.StreamReader
    peer_out: asyncio.StreamWriter

    @property
    def connection(self) -> Connection:
        """The server's side of it."""
        (only,) = self.proxy.connections
        return only


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    """All proxies of a server in this process, on asyncio's own loop (the contract tests run on uvloop)."""
    made = Server()
    yield made
    made.close()


@pytest.fixture
async def linked(server: Server) -> AsyncIterator[Linked]:
    """A proxy `p` without toxics, with one open connection."""
    accepted: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()
    upstream = await asyncio.start_server(lambda *pair: accepted.put_nowait(pair), "127.0.0.1", 0)
    host, port = upstream.sockets[0].getsockname()
    proxy = await server.create(ProxyBody("p", f"{host}:{port}", "127.0.0.1:0"))
    client = await asyncio.open_connection(*proxy.listen.split(":"))
    async with asyncio.timeout(20):
        peer = await accepted.get()
        while not all(connection.links for connection in proxy.connections):
            await asyncio.sleep(0.001)
    yield Linked(proxy, *client, *peer)
    for _, writer in (client, peer):
        writer.close()
    upstream.close()
