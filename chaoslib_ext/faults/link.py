"""One connection through a proxy, watched: when bytes came, how many, in how many pieces, and how it ended."""

import socket
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Literal
from urllib.parse import urlsplit

from chaoslib_ext.clock import SYSTEM, Clock
from chaoslib_ext.model import Target
from chaoslib_ext.server_name import host_form
from chaoslib_ext.undo.signals import be_deaf

__all__ = ["Address", "Sample", "Sampling", "reach", "sample", "samples"]

Address = tuple[str, int]
_MOST = 4 << 20


@dataclass(frozen=True)
class Sampling:
    """How to take a sample: what is said, whether one byte is enough, who closes, and how long at most (seconds)."""

    say: bytes
    wait: float
    whole: bool = False
    half_close: bool = False


@dataclass(frozen=True)
class Sample:
    """What one connection showed: `size` bytes in `pieces`, and times in ms since the question was out.

    `end` is "open" when nothing ended it until `wait`.
    """

    end: Literal["answered", "closed", "reset", "refused", "open"]
    end_ms: float
    first_ms: float | None = None
    size: int = 0
    pieces: int = 0
    head: bytes = b""


def reach(target: Target) -> Address | None:
    """Where we reach the proxy: its listen address, "any" taken as the server's host. None if it is out of reach."""
    host, _, port = target.listen.rpartition(":")
    host = host.strip("[]")
    server = urlsplit(target.server).hostname or "127.0.0.1"
    here = _is_loopback(server)
    if not port.isdigit() or port == "0":
        return None
    if host in ("", "0.0.0.0", "::"):
        return ("127.0.0.1" if here else server), int(port)
    return (host, int(port)) if here or not _is_loopback(host) else None


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host_form(host)).is_loopback
    except ValueError:
        return False


def samples(address: Address, how: Sequence[Sampling], *, clock: Clock = SYSTEM) -> list[Sample]:
    """Several samples at once, one connection each, in that order."""
    with ThreadPoolExecutor(len(how), thread_name_prefix="measure", initializer=be_deaf) as pool:
        return list(pool.map(lambda one: sample(address, one, clock=clock), how))


def sample(address: Address, how: Sampling, *, clock: Clock = SYSTEM) -> Sample:
    """One sample; never raises, never lasts longer than `how.wait` and the connecting (as long again)."""
    start = clock.monotonic()
    try:
        with socket.create_connection(address, timeout=how.wait) as connection:
            return _Watched(connection, how, clock).result()
    except ConnectionResetError:
        return Sample("reset", _ms(clock, start))
    except TimeoutError:
        return Sample("open", _ms(clock, start))
    except OSError:
        return Sample("refused", _ms(clock, start))


class _Watched:
    """One open connection until its end, or what was enough of it."""

    def __init__(self, connection: socket.socket, how: Sampling, clock: Clock) -> None:
        self._connection = connection
        self._how = how
        self._clock = clock
        self._start = clock.monotonic()
        self._deadline = self._start + how.wait
        self._first: float | None = None
        self._bytes = self._pieces = 0
        self._head = b""

    def result(self) -> Sample:
        try:
            if self._how.say:
                self._connection.sendall(self._how.say)
            elif self._how.half_close:
                self._half_close()
            return self._listen()
        except (ConnectionResetError, BrokenPipeError):
            return self._ended("reset")
        except TimeoutError:
            return self._ended("open")

    def _listen(self) -> Sample:
        while self._bytes < _MOST:
            left = self._deadline - self._clock.monotonic()
            if left <= 0:
                return self._ended("open")
            self._connection.settimeout(left)
            data = self._connection.recv(65536)
            if not data:
                return self._ended("closed")
            self._take(data)
            if not self._how.whole and not self._how.half_close:
                break
        return self._ended("answered")

    def _take(self, data: bytes) -> None:
        if self._first is None:
            self._first = _ms(self._clock, self._start)
            if self._how.half_close and self._how.say:
                self._half_close()
        self._bytes += len(data)
        self._pieces += 1
        self._head = (self._head + data)[:16]

    def _half_close(self) -> None:
        """Say that we have no more to say; the clock starts anew, for now the end is what counts."""
        self._connection.shutdown(socket.SHUT_WR)
        self._start = self._clock.monotonic()
        self._deadline = self._start + self._how.wait

    def _ended(self, end: Literal["answered", "closed", "reset", "open"]) -> Sample:
        return Sample(end, _ms(self._clock, self._start), self._first, self._bytes, self._pieces, self._head)


def _ms(clock: Clock, start: float) -> float:
    return (clock.monotonic() - start) * 1000
