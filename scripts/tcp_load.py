"""TCP load for the proxy bench: one process plays the client and the upstream of every connection.

Why so: on a small machine the load shares the cores with what it measures. One process for both ends costs no
process switch of its own, leaves the other core to the proxy, and is made of plain sockets and epoll, where the time
goes into system calls. The same code loads the direct way, the real proxy and ours; only the port differs.
"""

import select
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

__all__ = ["Route", "connect_rate", "delay_errors", "idle", "round_trip_rate", "round_trip_times", "throughput"]

PATIENCE = 10.0
BLOCK = 256 * 1024


@dataclass(frozen=True)
class Route:
    """A way to test: dial `port`, and what arrives is accepted from `listener`."""

    port: int
    listener: socket.socket

    def dial(self) -> socket.socket:
        """The client's end."""
        sock = socket.create_connection(("127.0.0.1", self.port), PATIENCE)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return sock

    def accept(self) -> socket.socket:
        """The upstream's end."""
        sock, _ = self.listener.accept()
        sock.settimeout(PATIENCE)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return sock

    @contextmanager
    def connections(self, count: int) -> Iterator[list[tuple[socket.socket, socket.socket]]]:
        """So many connections as (client, upstream); closed from the client's side."""
        pairs = []
        for _ in range(count):
            client = self.dial()
            pairs.append((client, self.accept()))
        yield pairs
        for client, upstream in pairs:
            client.close()
            upstream.close()


def listener() -> socket.socket:
    """A listening socket on a free port."""
    sock = socket.create_server(("127.0.0.1", 0), backlog=1024)
    sock.settimeout(PATIENCE)
    return sock


def round_trip_times(route: Route, seconds: float) -> list[float]:
    """Seconds of each round trip of one byte on one connection, one after another."""
    times = []
    with route.connections(1) as [(client, upstream)]:
        there, take, back, get = client.send, upstream.recv, upstream.send, client.recv
        deadline = time.perf_counter() + seconds
        start = 0.0
        while start < deadline:
            start = time.perf_counter()
            there(b"x")
            take(1)
            back(b"x")
            get(1)
            times.append(time.perf_counter() - start)
    return times


def round_trip_rate(route: Route, count: int, seconds: float) -> float:
    """Round trips of one byte a second over so many connections, each with one under way at a time."""
    if count == 1:
        times = round_trip_times(route, seconds)
        return len(times) / sum(times)
    with route.connections(count) as pairs, select.epoll() as epoll:
        ends = {sock.fileno(): sock for pair in pairs for sock in pair}
        clients = {client.fileno() for client, _ in pairs}
        for number, sock in ends.items():
            sock.setblocking(False)
            epoll.register(number, select.EPOLLIN)
        for client, _ in pairs:
            client.send(b"x")
        done, start = 0, time.perf_counter()
        deadline = start + seconds
        while time.perf_counter() < deadline:
            for number, _ in epoll.poll(PATIENCE):
                sock = ends[number]
                sock.recv(1)
                sock.send(b"x")
                done += number in clients
        return done / (time.perf_counter() - start)


def throughput(route: Route, count: int, seconds: float) -> float:
    """MB/s from client to upstream over so many streams together."""
    block, sink = memoryview(bytes(BLOCK)), memoryview(bytearray(4 * BLOCK))
    with route.connections(count) as pairs, select.epoll() as epoll:
        senders = {client.fileno(): client for client, _ in pairs}
        receivers = {upstream.fileno(): upstream for _, upstream in pairs}
        for number, sock in (*senders.items(), *receivers.items()):
            sock.setblocking(False)
            epoll.register(number, select.EPOLLOUT if number in senders else select.EPOLLIN)
        got, start = 0, time.perf_counter()
        deadline = start + seconds
        while time.perf_counter() < deadline:
            for number, _ in epoll.poll(PATIENCE):
                if number in receivers:
                    got += receivers[number].recv_into(sink)
                else:
                    senders[number].send(block)
        return got / (time.perf_counter() - start) / 1e6


def connect_rate(route: Route, seconds: float, at_once: int = 8) -> float:
    """Connections a second: connect, one byte there and back, close; always `at_once` together."""
    done, start = 0, time.perf_counter()
    while time.perf_counter() - start < seconds:
        clients = [route.dial() for _ in range(at_once)]
        for client in clients:
            client.send(b"x")
        upstreams = [route.accept() for _ in clients]
        for upstream in upstreams:
            upstream.send(upstream.recv(1))
        for client in clients:
            client.recv(1)
            client.close()
        for upstream in upstreams:
            upstream.recv(1)  # the client's end comes through too
            upstream.close()
        done += at_once
    return done / (time.perf_counter() - start)


def delay_errors(route: Route, seconds: float, count: int, each: int) -> list[float]:
    """How much later than `seconds` each byte from the upstream arrives: `each` times on `count` connections."""
    errors: list[float] = []
    with route.connections(count) as pairs, select.epoll() as epoll:
        ends = {client.fileno(): (client, upstream) for client, upstream in pairs}
        sent = {}
        for number, (client, upstream) in ends.items():
            epoll.register(client.fileno(), select.EPOLLIN)
            time.sleep(seconds / count)  # spread over the time of one delay
            sent[number] = time.perf_counter()
            upstream.send(b"x")
        while len(errors) < count * each:
            for number, _ in epoll.poll(PATIENCE):
                client, upstream = ends[number]
                errors.append(time.perf_counter() - sent[number] - seconds)
                client.recv(1)
                sent[number] = time.perf_counter()
                upstream.send(b"x")
    return errors


@contextmanager
def idle(route: Route, count: int) -> Iterator[None]:
    """So many connections that say nothing; each has said one byte, so that it stands on both sides."""
    with route.connections(count) as pairs:
        for client, upstream in pairs:
            client.send(b"x")
            upstream.recv(1)
        yield
