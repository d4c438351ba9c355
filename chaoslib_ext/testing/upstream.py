"""Small services to stand behind a proxy in a test: one thread each, as plain as their protocols allow."""

import socket
import threading
from collections.abc import Callable
from typing import Self

__all__ = ["Upstream", "greeting", "http", "ping", "postgresql", "silent"]

Conversation = Callable[[socket.socket], None]


class Upstream:
    """A listening service on a free port of 127.0.0.1; a context manager. `address` is host:port."""

    def __init__(self, talk: Conversation) -> None:
        self._talk = talk
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.address = f"127.0.0.1:{self._socket.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop listening."""
        self._socket.close()

    def _accept(self) -> None:
        while True:
            try:
                peer, _ = self._socket.accept()
            except OSError:
                return  # closed
            threading.Thread(target=self._serve, args=(peer,), daemon=True).start()

    def _serve(self, peer: socket.socket) -> None:
        with peer:
            try:
                self._talk(peer)
            except OSError:
                return  # the client went away, or a fault tore the connection


def http(peer: socket.socket) -> None:
    """HTTP/1.1: every request gets 200 and 5,000 bytes."""
    while head := _until(peer, b"\r\n\r\n"):
        peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + b"." * 5000)
        if b"connection: close" in head.lower():
            return


def postgresql(peer: socket.socket) -> None:
    """PostgreSQL's first step: SSLRequest is answered by N, anything else by closing."""
    if peer.recv(8) == b"\x00\x00\x00\x08\x04\xd2\x16\x2f":
        peer.sendall(b"N")
        _drain(peer)


def ping(peer: socket.socket) -> None:
    """RESP: PING is answered by PONG, anything else by an error and closing."""
    while data := peer.recv(4096):
        if not data.startswith(b"*1\r\n$4\r\nPING"):
            peer.sendall(b"-ERR unknown command\r\n")
            return
        peer.sendall(b"+PONG\r\n")


def greeting(peer: socket.socket) -> None:
    """A server that speaks first."""
    peer.sendall(b"220 at your service\r\n")
    _drain(peer)


def silent(peer: socket.socket) -> None:
    """A server that never speaks."""
    _drain(peer)


def _until(peer: socket.socket, end: bytes) -> bytes:
    got = b""
    while end not in got:
        data = peer.recv(65536)
        if not data:
            return b""
        got += data
    return got


def _drain(peer: socket.socket) -> None:
    while peer.recv(65536):
        continue
