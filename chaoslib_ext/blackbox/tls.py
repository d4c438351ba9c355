"""Looks at the certificate a server shows: until when it lasts, and whether a client may trust it.

TLS from the first byte (https, rediss, ldaps ...); a protocol that begins in the clear and changes over (STARTTLS,
PostgreSQL) is not spoken here.
"""

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from chaoslib_ext.clock import SYSTEM, Clock
from chaoslib_ext.errors import NoAnswer

from .tcp import dial
from .trust import Trust

__all__ = ["Certificate", "certificate"]


@dataclass(frozen=True)
class Certificate:
    """What a server showed. `problem` says why a client would not trust it; None: it would."""

    names: tuple[str, ...]
    issuer: str
    not_before: datetime
    not_after: datetime
    protocol: str
    problem: str | None

    def days_left(self, now: datetime) -> float:
        """Until it expires; below 0 when it has."""
        return (self.not_after - now).total_seconds() / 86400


def certificate(host: str, port: int, trust: Trust, timeout: float, clock: Clock = SYSTEM) -> Certificate:
    """The certificate shown for `trust.server_name`, or for the host; dials twice more if it is not to be trusted.

    Raises NoAnswer when there is no connection or no TLS in that many seconds.
    """
    look = _Look(host, port, trust.server_name or host, clock.monotonic() + timeout, clock)
    checked = trust.context()
    try:
        return _read(look.with_(checked), None)
    except ssl.SSLCertVerificationError as error:
        problem = error.verify_message or str(error)
    # Python decodes only what it has verified: so the certificate is fetched, and taken for its own authority
    _, _, der = look.with_(trust.blind())
    try:
        return _read(look.with_(trust.only(der)), problem)
    except ssl.SSLCertVerificationError as error:
        raise NoAnswer(f"{host}:{port}: its certificate cannot be read ({error.verify_message})") from None


_Seen = tuple[dict[str, Any], str, bytes]
"""The certificate decoded, the protocol that was agreed on, the certificate as it came."""


@dataclass(frozen=True)
class _Look:
    """Where to look, and until when, on the monotonic clock."""

    host: str
    port: int
    name: str
    until: float
    clock: Clock

    def with_(self, context: ssl.SSLContext) -> _Seen:
        """One handshake, and nothing else. Raises SSLCertVerificationError, NoAnswer."""
        shown = f"{self.host}:{self.port}"
        left = max(self.until - self.clock.monotonic(), 0.001)
        sock, _ = dial(self.host, self.port, left, self.clock)
        with sock:
            sock.settimeout(max(self.until - self.clock.monotonic(), 0.001))  # for the whole handshake
            try:
                with context.wrap_socket(sock, server_hostname=self.name) as talk:
                    return dict(talk.getpeercert() or {}), str(talk.version()), talk.getpeercert(True) or b""
            except ssl.SSLCertVerificationError:
                raise
            except TimeoutError:
                raise NoAnswer(f"{shown}: connected, but no TLS handshake in time; does it speak TLS?") from None
            except (ssl.SSLError, OSError) as error:
                why = getattr(error, "reason", None) or error.strerror or error
                raise NoAnswer(f"{shown}: no TLS handshake ({why}); does it speak TLS from the first byte?") from None


def _read(seen: _Seen, problem: str | None) -> Certificate:
    shown, protocol, _ = seen
    names = tuple(str(value) for _, value in shown.get("subjectAltName", ()))
    issuer = ", ".join(f"{key}={value}" for part in shown.get("issuer", ()) for key, value in part)
    begins, ends = (_moment(str(shown[key])) for key in ("notBefore", "notAfter"))
    return Certificate(names, issuer, begins, ends, protocol, problem)


def _moment(written: str) -> datetime:
    """`Jan  1 00:00:00 3000 GMT`, as OpenSSL writes it."""
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(written), UTC)
