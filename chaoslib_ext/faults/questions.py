"""Harmless questions: what may be said through a proxy to hear whether its fault bites. Nothing else is ever sent.

HTTP `GET /` (RFC 9110), PostgreSQL's SSLRequest (protocol 3, message formats: 8 bytes, answered by one), a RESP PING;
or just listening, for servers that speak first.
"""

from collections.abc import Callable
from dataclasses import dataclass

from chaoslib_ext.model import Target

__all__ = ["LISTEN", "Question", "questions_for"]

_PAD = 6000
"""Bytes of padding where the question must weigh something; servers take 8 KiB of header or more."""


@dataclass(frozen=True)
class Question:
    """One protocol's question. `heavy` is the same with more bytes; `patient` leaves the closing to us."""

    name: str
    plain: bytes
    is_answer: Callable[[bytes], bool]
    heavy: bytes
    patient: bytes
    hints: tuple[str, ...] = ()


def _http(*headers: str) -> bytes:
    return "\r\n".join(["GET / HTTP/1.1", "Host: localhost", "User-Agent: chaostoolkit-ext", *headers, "", ""]).encode()


_CLOSE = "Connection: close"
_SSL_REQUEST = (8).to_bytes(4, "big") + (80877103).to_bytes(4, "big")
_PING = b"*1\r\n$4\r\nPING\r\n"

HTTP = Question(
    "http",
    _http(_CLOSE),
    lambda answer: answer.startswith(b"HTTP/1."),
    _http(_CLOSE, f"X-Padding: {'.' * _PAD}"),
    _http(),
    hints=("http", "web", "api", "front", ":80", ":443", ":3000", ":5000"),
)
POSTGRESQL = Question(
    "postgresql",
    _SSL_REQUEST,
    lambda answer: answer[:1] in (b"S", b"N"),
    _SSL_REQUEST,
    _SSL_REQUEST,
    hints=("postgres", "pg", "psql", "-db", "db-", ":5432"),
)
RESP = Question(
    "ping",
    _PING,
    lambda answer: answer[:5] == b"+PONG" or answer[:1] == b"-",
    _PING,
    _PING,
    hints=("valkey", "redis", "cache", ":6379"),
)
LISTEN = Question("listen", b"", lambda answer: bool(answer), b"", b"")


def questions_for(target: Target) -> tuple[list[Question], list[Question]]:
    """The questions that the target's name and port suggest, and then the others."""
    told = f"{target.proxy} {target.upstream} ".lower()
    likely = [one for one in (POSTGRESQL, RESP, HTTP) if any(hint in told for hint in one.hints)]
    return likely[:1], [one for one in (HTTP, POSTGRESQL, RESP, LISTEN) if one not in likely[:1]]
