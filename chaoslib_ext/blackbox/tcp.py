"""Dials an address over TCP: is anybody there, how long does that take, and what does the other side say first."""

import errno
import socket

from chaoslib_ext.clock import SYSTEM, Clock
from chaoslib_ext.errors import NoAnswer

from .bounded import bounded

__all__ = ["NotThere", "dial", "first_line"]

_ABSENT = {errno.ECONNREFUSED, errno.EHOSTUNREACH, errno.EHOSTDOWN, errno.ETIMEDOUT, errno.ECONNRESET}
"""What says that nobody is there. Anything else (no network here, no such name) says nothing about the other side."""

_LONGEST_LINE = 4096


class NotThere(NoAnswer):
    """The address was asked, and no connection came of it: refused, or no answer in time."""


def dial(host: str, port: int, timeout: float, clock: Clock = SYSTEM) -> tuple[socket.socket, float]:
    """A connection, and the seconds it took, the look-up of the name included.

    Raises NotThere when it is refused or not answered, NoAnswer when it could not be tried.
    """
    began = clock.monotonic()
    shown = f"{host}:{port}"
    late = f"{shown}: the look-up of its name did not end in {timeout:g} s"
    sock = bounded(lambda: _connected(host, port, timeout, clock), timeout + 0.2, late, clock=clock)
    return sock, clock.monotonic() - began


def _connected(host: str, port: int, timeout: float, clock: Clock) -> socket.socket:
    """With the first of its addresses that takes one, all within `timeout`."""
    until = clock.monotonic() + timeout
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError) as error:
        raise NoAnswer(f"{host}:{port}: the name was not found ({error}); is it spelt right?") from None
    problem: NoAnswer | None = None
    for _, _, _, _, where in found:
        if problem is not None and until <= clock.monotonic():
            break
        try:
            return socket.create_connection((str(where[0]), port), max(until - clock.monotonic(), 0.001))
        except OSError as error:
            problem = _no_connection(f"{host}:{port}", error, timeout)
    raise problem or NoAnswer(f"{host}:{port}: the name has no address")


def _no_connection(shown: str, error: OSError, timeout: float) -> NoAnswer:
    if isinstance(error, TimeoutError):
        return NotThere(f"{shown}: no connection in {timeout:g} s; is it up, and does nothing in between drop it?")
    kind = NotThere if error.errno in _ABSENT else NoAnswer
    return kind(f"{shown}: {error.strerror or error}; is anything listening there?")


def first_line(host: str, port: int, timeout: float, clock: Clock = SYSTEM) -> str:
    """What a server that speaks first says, up to the end of the line, without anything being sent.

    Raises NoAnswer when no whole line comes in that many seconds, or none within 4 KiB.
    """
    until = clock.monotonic() + timeout
    sock, _ = dial(host, port, timeout, clock)
    got, why = b"", ""
    with sock:
        while b"\n" not in got and not why:
            piece, why = _more(sock, until - clock.monotonic())
            got += piece
            why = why or ("no end of its line" if len(got) > _LONGEST_LINE else "")
    if why:
        raise NoAnswer(f"{host}:{port}: {why} after {len(got)} bytes in at most {timeout:g} s: {got[:60]!r}")
    return got.partition(b"\n")[0].decode(errors="replace").rstrip("\r")


def _more(sock: socket.socket, seconds: float) -> tuple[bytes, str]:
    """What came, or why nothing did."""
    if seconds <= 0:
        return b"", "no whole line"
    sock.settimeout(seconds)
    try:
        piece = sock.recv(_LONGEST_LINE)
    except TimeoutError:
        return b"", "no whole line"
    except OSError as error:
        return b"", f"{error.strerror or error}"
    return piece, "" if piece else "it hung up"
