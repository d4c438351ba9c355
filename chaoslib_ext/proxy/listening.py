"""Where a proxy listens: from the text in the API to a bound socket, with the words of Go's net package when it fails.

Toxiproxy's clients read these words (`listen tcp 127.0.0.1:1: bind: address already in use`), so they are kept.
"""

import errno
import ipaddress
import os
import re
import resource
import socket
from typing import NamedTuple

from .names import addresses

__all__ = ["Address", "ListenError", "bound", "keep_alive", "resolved", "scarce", "split"]

KEEP_ALIVE_SECONDS = 15
"""As Go's net package: a peer that vanished without a word is noticed, and its connection ends."""
KEEP_ALIVE_OPTIONS = tuple(getattr(socket, name) for name in ("TCP_KEEPIDLE", "TCP_KEEPINTVL") if hasattr(socket, name))

BACKLOG = 4096
"""Connections the kernel may hold before we accept them (capped by net.core.somaxconn); Go's is the same."""


OLD_NUMBERS = re.compile(r"(0x[0-9a-f]+|[0-9]+)(\.(0x[0-9a-f]+|[0-9]+)){0,3}", re.IGNORECASE)
"""127.1, 0x7f.1 or 2130706433: addresses to inet_aton(3) only."""

KEPT_FILES = 32
"""File descriptors that proxied connections leave alone, so that the API can still take a fault out."""


class ListenError(Exception):
    """It can't be listened there; the text is Go's, without its leading `listen tcp: `."""


class Address(NamedTuple):
    """A resolved address; no host means every interface, IPv4 and IPv6."""

    host: str
    port: int

    def __str__(self) -> str:
        return shown(self.host, self.port)


def shown(host: str, port: int) -> str:
    """Host and port as Go writes them: an IPv6 host in brackets."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def split(address: str) -> tuple[str, str]:
    """Host and port of `host:port`, `[v6]:port` or `:port`, as net.SplitHostPort; raises ListenError."""
    if address.startswith("["):
        host, bracket, rest = address[1:].partition("]")
        if not bracket:
            raise ListenError(f"address {address}: missing ']' in address")
        if not rest.startswith(":"):
            raise ListenError(f"address {address}: missing port in address")
        port = rest[1:]
        if ":" in port:
            raise ListenError(f"address {address}: too many colons in address")
    else:
        host, colon, port = address.rpartition(":")
        if not colon:
            raise ListenError(f"address {address}: missing port in address")
        if ":" in host:
            raise ListenError(f"address {address}: too many colons in address")
    for bracket in "[]":
        if bracket in host + port:
            raise ListenError(f"address {address}: unexpected '{bracket}' in address")
    return host, port


async def resolved(listen: str) -> Address:
    """The address that a `listen` text means; the empty text is any port on every interface."""
    if not listen:
        return Address("", 0)
    host, port = split(listen)
    number = _port(port)  # first: it needs no lookup
    return Address(await _host(host), number)


def bound(address: Address) -> socket.socket:
    """A listening socket, not blocking. Raises ListenError in Go's words."""
    everywhere = address.host in ("", "0.0.0.0", "::")
    v6 = ":" in address.host or (everywhere and socket.has_dualstack_ipv6())
    sock = socket.socket(socket.AF_INET6 if v6 else socket.AF_INET, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        keep_alive(sock.fileno())
        if v6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, int(not everywhere))
        sock.bind(("::" if v6 and everywhere else address.host, address.port))
        sock.listen(BACKLOG)
        sock.setblocking(False)
    except OSError as error:
        sock.close()
        raise ListenError(f"listen tcp {address}: bind: {_words(error)}") from error
    return sock


def _words(error: OSError) -> str:
    if error.errno == errno.EADDRNOTAVAIL:
        return "cannot assign requested address"
    return (os.strerror(error.errno) if error.errno else str(error)).lower()


def keep_alive(fd: int) -> None:
    """Let the kernel ask a silent peer whether it is still there; accepted sockets inherit it from their listener."""
    # by number and once: uvloop would make a socket object for each option
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 0, fileno=fd)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for option in KEEP_ALIVE_OPTIONS:
            sock.setsockopt(socket.IPPROTO_TCP, option, KEEP_ALIVE_SECONDS)
    finally:
        sock.detach()


def scarce(fd: int) -> bool:
    """Is this one of the last descriptors of the process? The lowest free number is taken first (accept(2))."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return soft != resource.RLIM_INFINITY and fd >= soft - KEPT_FILES


async def _host(host: str) -> str:
    if not host:
        return ""
    if host == "localhost":
        return "127.0.0.1"
    if literal := _literal(host):
        return literal
    try:
        if OLD_NUMBERS.fullmatch(host):
            raise OSError("the C library would take it for an address, Go does not")
        hosts = [name for name, _port in await addresses(host)]
    except (OSError, ValueError) as error:
        raise ListenError(f"lookup {host}: no such host") from error
    return next((name for name in hosts if ":" not in name), hosts[0])


def _literal(host: str) -> str | None:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return None
    return str(getattr(address, "ipv4_mapped", None) or address)


def _port(port: str) -> int:
    if not port:
        return 0
    if re.fullmatch(r"[+-]?[0-9]+", port):
        number = int(port) if len(port.lstrip("+-0")) < 10 else -1
        if not 0 <= number <= 65535:
            raise ListenError(f"address {port}: invalid port")
        return number
    try:
        return socket.getservbyname(port.lower(), "tcp")
    except OSError:
        raise ListenError(f"lookup tcp/{port}: unknown port") from None
