"""Harmless questions: what may be said through a proxy to hear whether its fault bites. Nothing else is ever sent.

HTTP `GET /` (RFC 9110), PostgreSQL's SSLRequest (protocol 3, message formats: 8 bytes, answered by one), a RESP PING,
the first message of a TLS handshake (RFC 8446, 4.1.2); or just listening, for servers that speak first.
"""

import ssl
from collections.abc import Callable
from dataclasses import dataclass

from chaoslib_ext.model import Target

__all__ = ["LISTEN", "Question", "questions_for"]

_PAD = 6000
"""Bytes of padding where the question must weigh something; servers take 8 KiB of header or more."""


@dataclass(frozen=True)
class Question:
    """One protocol's question. `heavy` is the same with more bytes; `patient` leaves the closing to us.

    `ends`: the server closes when it has answered the others, so the whole answer can be waited for.
    """

    name: str
    plain: bytes
    is_answer: Callable[[bytes], bool]
    heavy: bytes
    patient: bytes
    hints: tuple[str, ...] = ()
    ends: bool = False


def _http(*headers: str) -> bytes:
    return "\r\n".join(["GET / HTTP/1.1", "Host: localhost", "User-Agent: chaostoolkit-ext", *headers, "", ""]).encode()


def _client_hello(padding: int = 0) -> bytes:
    """As OpenSSL says it, without a name; padded with protocols (ALPN) that no server knows."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # nothing is believed: it goes no further
    if padding:
        context.set_alpn_protocols(["x" * 250] * (padding // 250))
    said = ssl.MemoryBIO()
    try:
        context.wrap_bio(ssl.MemoryBIO(), said).do_handshake()
    except ssl.SSLWantReadError:
        pass  # it waits for the server's answer: its own first message is complete
    return said.read()


_CLOSE = "Connection: close"
_SSL_REQUEST = (8).to_bytes(4, "big") + (80877103).to_bytes(4, "big")
_CLOSE_NOTIFY = b"\x15\x03\x03\x00\x02\x01\x00"
_PING = b"*1\r\n$4\r\nPING\r\n"

HTTP = Question(
    "http",
    _http(_CLOSE),
    lambda answer: answer.startswith(b"HTTP/1."),
    _http(_CLOSE, f"X-Padding: {'.' * _PAD}"),
    _http(),
    hints=("http", "web", "api", "front", ":80", ":3000", ":5000"),
    ends=True,
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
TLS = Question(
    "tls",
    _client_hello() + _CLOSE_NOTIFY,
    lambda answer: answer[:2] in (b"\x16\x03", b"\x15\x03"),  # a handshake, or an alert that it is refused
    _client_hello(_PAD) + _CLOSE_NOTIFY,
    _client_hello(),
    hints=("https", "tls", "ssl", ":443", ":8443"),
    ends=True,
)
LISTEN = Question("listen", b"", lambda answer: bool(answer), b"", b"")


def questions_for(target: Target) -> tuple[list[Question], list[Question]]:
    """The questions that the target's name and port suggest, and then the others."""
    told = f"{target.proxy} {target.upstream} ".lower()
    likely = [one for one in (TLS, POSTGRESQL, RESP, HTTP) if any(hint in told for hint in one.hints)]
    return likely[:1], [one for one in (HTTP, TLS, POSTGRESQL, RESP, LISTEN) if one not in likely[:1]]
