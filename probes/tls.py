"""What a client sees of a server's certificate: until when it lasts, and whether it may be trusted. Reads only.

All take `address` (`host:port`), `server_name` (whose certificate is expected; without it the host of the address),
`ca_file` (PEM, in place of the system's authorities), `client_cert_file` and `client_key_file` for a server that asks
who we are. `timeout` bounds the whole probe. Give the address of a link to look through it, and `server_name` with it.
"""

from typing import Any

from chaoslib_ext.blackbox import tls
from chaoslib_ext.blackbox.arguments import address as host_and_port
from chaoslib_ext.blackbox.arguments import seconds
from chaoslib_ext.blackbox.trust import Trust
from chaoslib_ext.clock import SYSTEM

__all__ = ["certificate", "days_left", "is_trusted"]


def days_left(
    address: str,
    server_name: str | None = None,
    *,
    ca_file: str | None = None,
    client_cert_file: str | None = None,
    client_key_file: str | None = None,
    timeout: str = "5s",
) -> float:
    """Days until the certificate expires, below 0 when it has; whether it is to be trusted does not matter here."""
    trust = Trust(ca_file, client_cert_file, client_key_file, server_name)
    return round(_seen(address, trust, timeout).days_left(SYSTEM.wall()), 3)


def is_trusted(
    address: str,
    server_name: str | None = None,
    *,
    ca_file: str | None = None,
    client_cert_file: str | None = None,
    client_key_file: str | None = None,
    timeout: str = "5s",
) -> bool:
    """Would a client trust it: issued by a known authority, valid today, and for that name?

    `certificate` says why not. Raises NoAnswer when the server does not speak TLS, or not in time.
    """
    trust = Trust(ca_file, client_cert_file, client_key_file, server_name)
    return _seen(address, trust, timeout).problem is None


def certificate(
    address: str,
    server_name: str | None = None,
    *,
    ca_file: str | None = None,
    client_cert_file: str | None = None,
    client_key_file: str | None = None,
    timeout: str = "5s",
) -> dict[str, Any]:
    """All of it: names, issuer, not_before, not_after, days_left, protocol, is_trusted; `problem` when it is not."""
    seen = _seen(address, Trust(ca_file, client_cert_file, client_key_file, server_name), timeout)
    return {
        "names": list(seen.names),
        "issuer": seen.issuer,
        "not_before": seen.not_before.isoformat(),
        "not_after": seen.not_after.isoformat(),
        "days_left": round(seen.days_left(SYSTEM.wall()), 3),
        "protocol": seen.protocol,
        "is_trusted": seen.problem is None,
        "problem": seen.problem,
    }


def _seen(address: str, trust: Trust, timeout: str) -> tls.Certificate:
    host, port = host_and_port("address", address)
    return tls.certificate(host, port, trust, seconds("timeout", timeout))
