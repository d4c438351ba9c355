"""Which requests a page in a browser may have sent: those are refused, for the API has no login.

A page of another site can send requests to 127.0.0.1, but its browser says so: in `Origin`, and in `Sec-Fetch-Site`. By
DNS rebinding it can pass for the same site, under its own name: `Host` then holds that name, so a server that only this
machine reaches takes no foreign one. A server that others reach is called by many names, and takes any.
"""

import re
import socket
from collections.abc import Collection, Iterator
from functools import lru_cache
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from chaoslib_ext.errors import BadInput

from .listening import OLD_NUMBERS

if TYPE_CHECKING:
    from aiohttp import web

__all__ = ["Gate", "gate_of", "host_name"]

_NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(\.(?!-)[a-z0-9_-]{1,63})*", re.IGNORECASE)
_PORT = re.compile(r":[0-9]*$")
_OWN_SITE = ("same-origin", "none")


class Gate:
    """Says why a request is refused. `hosts` are the names that `Host` may hold beside IP addresses; None: any."""

    def __init__(self, hosts: Collection[str] | None) -> None:
        self._hosts = None if hosts is None else frozenset(map(_plain, hosts))
        self._is_ours = lru_cache(maxsize=64)(self._is_allowed)

    def refusal(self, request: "web.BaseRequest") -> str | None:
        """Why this request is refused; None when it is not."""
        headers = request.headers
        if self._hosts is not None:
            for host in _hosts(request):
                if not self._is_ours(host):
                    return (
                        f"Host {_quoted(host)} not allowed: this server takes localhost, IP addresses and its own "
                        f"name; start it with --allow-host {_quoted(_name(host))}"
                    )
        if "Sec-Fetch-Site" in headers:
            for site in headers.getall("Sec-Fetch-Site"):
                if site.strip() not in _OWN_SITE:
                    return f"Sec-Fetch-Site {_quoted(site)} not allowed: pages of other sites are refused"
        if "Origin" in headers:
            own = {_origin(f"http://{host}") for host in _hosts(request)}
            for origin in headers.getall("Origin"):
                if _origin(origin) is None or own != {_origin(origin)}:
                    return f"Origin {_quoted(origin)} not allowed: pages of other sites are refused"
        return None

    def _is_allowed(self, host: str) -> bool:
        name = _plain(_name(host))
        return not host or _is_address(name) or _is_address(host) or name in (self._hosts or ())


def gate_of(listener: socket.socket, bound_by: str, allowed: Collection[str]) -> Gate:
    """The gate of a server that listens there; `bound_by` is the host it was told to listen on."""
    address = ip_address(listener.getsockname()[0].partition("%")[0])
    if not (getattr(address, "ipv4_mapped", None) or address).is_loopback:
        return Gate(None)
    return Gate({"localhost", socket.gethostname(), bound_by, *allowed})


def host_name(text: str) -> str:
    """The name as `--allow-host` takes it. Raises BadInput for what no `Host` can hold as a name."""
    name = text.strip()
    if not _NAME.fullmatch(name.removesuffix(".")):
        raise BadInput(f"--allow-host {text!r} is not a host's name; write the name alone, such as chaos.example.com")
    return name


def _hosts(request: "web.BaseRequest") -> Iterator[str]:
    """Each host that the request names: in its target, which may be a whole URL (RFC 9112, 3.2.2), and in `Host`."""
    if not request.raw_path.startswith("/") and "://" in request.raw_path:
        yield re.split("[/?#]", request.raw_path.partition("://")[2], maxsplit=1)[0].rpartition("@")[2]
    yield from (host.strip() for host in request.headers.getall("Host", ()))


def _name(host: str) -> str:
    return _PORT.sub("", host) if not host.endswith("]") else host


def _plain(name: str) -> str:
    return name.lower().removesuffix(".")


def _is_address(name: str) -> bool:
    """True for an address, also as the C library reads it (127.1): no DNS server is asked for one."""
    try:
        ip_address((name[1:-1] if name[:1] + name[-1:] == "[]" else name).partition("%")[0])
    except ValueError:
        return bool(OLD_NUMBERS.fullmatch(name))
    return True


def _origin(url: str) -> tuple[str, str, int] | None:
    """Scheme, host and port; None for what is no origin, such as `null`."""
    try:
        parts = urlsplit(url.strip())
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)
    except ValueError:
        return None
    return (parts.scheme, _plain(parts.hostname), port) if parts.hostname else None


def _quoted(text: str) -> str:
    return ascii(text[:100]).replace("'", "")
