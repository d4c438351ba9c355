"""One normal form for the address of a server, to compare by; never to connect by, for TLS and a Host header need the
name as it was written.

Two addresses mean one server when their normal forms are equal, or when their hosts resolve to a common address and
their ports and paths are equal. A name that does not resolve now is compared as a name; so are two names on port 80 or
443, where one address serves many virtual hosts.
"""

import posixpath
import re
import socket
import threading
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from glob import escape
from ipaddress import IPv6Address, ip_address
from urllib.parse import SplitResult, unquote, urlsplit

from .clock import SYSTEM

__all__ = ["fits", "host_form", "is_glob", "normal_form", "one_spelling", "pattern_problem", "same_server", "split"]

_LOOPBACK = "127.0.0.1"
_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"^[a-z0-9_]([a-z0-9._-]*[a-z0-9_.])?$")
_PATTERN = re.compile(r"(?:(?P<scheme>[^/]*)://)?(?P<host>\[[0-9a-f:.]+\]|[^/:\[\]]*|[^/]*?)(?P<port>:[^/:]*)?")
_PATIENCE = 2.0
"""Seconds that the system's resolver has for a name."""
_FRESH = 30.0
"""Seconds for which its answer counts."""

_resolved: dict[str, tuple[float, frozenset[str]]] = {}


def split(text: str) -> SplitResult | None:
    """The parts of a server's address, `http://` added where it has a port and no scheme; None when it is none."""
    wanted = text.strip()
    try:
        parts = urlsplit(wanted if "://" in wanted else f"http://{wanted}")
        usable = parts.scheme in _PORTS and _is_host(parts.hostname or "") and parts.port != 0
        usable = usable and ("://" in wanted or parts.port is not None)
    except ValueError:  # a port out of range, a broken IPv6 literal
        return None
    odd = parts.query or parts.fragment or any(c.isspace() or not c.isprintable() for c in wanted)
    return parts if usable and not odd else None


def normal_form(url: str) -> str:
    """`http://host:port` and a path if it has one: lower case, without user and password, the port always there.

    This machine's loopback is 127.0.0.1, however it is written. What is no address of a server stays as it is.
    """
    parts = split(url)
    if parts is None:
        return url.strip()
    host = host_form(parts.hostname or "")
    return f"{parts.scheme}://{_bracketed(host)}:{_port(parts)}{_path(parts)}"


def same_server(one: str, other: str) -> bool:
    """True if both addresses mean one server, by their normal form or by what they resolve to. Never raises."""
    if normal_form(one) == normal_form(other):
        return True
    left, right = split(one), split(other)
    if left is None or right is None or _path(left) != _path(right):
        return False
    return _is_one_socket(left, right)


def one_spelling(urls: Iterable[str]) -> dict[str, str]:
    """Each address with the first of them that means the same server."""
    found: dict[str, str] = {}
    for url in dict.fromkeys(urls):
        found[url] = next((first for first in dict.fromkeys(found.values()) if same_server(first, url)), url)
    return found


def is_glob(pattern: str) -> bool:
    """True if it stands for several servers; the brackets of an IPv6 address are no glob."""
    return split(pattern) is None and any(sign in pattern for sign in "*?[")


def fits(pattern: str, server: str) -> bool:
    """True if `server` is meant by a URL or a glob of URLs. A path counts for nothing: a host and port are meant."""
    known = split(server)
    if known is None:
        return fnmatchcase(server, pattern)
    literal = split(pattern)
    if literal is not None:
        return _is_one_socket(literal, known)
    globs = list(_globs(pattern))
    return any(fnmatchcase(spelling, one) for spelling in _spellings(known) for one in globs)


def pattern_problem(pattern: str) -> str | None:
    """Why a URL or a glob of URLs can mean no server; None when it can."""
    write = "write http://host:port, such as http://127.0.0.1:8474, or a glob, such as http://*.example:8474"
    if "@" in pattern:
        return f"{pattern!r} carries a user or a password, which no server is known by; {write}"
    literal = split(pattern)
    if literal is not None:
        return f"{pattern!r} has a path; a server is meant as a whole: leave it out" if _path(literal) else None
    bare = pattern.lower().rstrip("/")
    found = _PATTERN.fullmatch(bare)
    odd = " " in bare or not bare.isprintable() or bare.count("[") != bare.count("]")
    if odd or not found or not is_glob(pattern):
        return f"{pattern!r} is not the address of a server; {write}"
    scheme, port = found["scheme"], (found["port"] or "").removeprefix(":")
    if scheme is not None and not any(fnmatchcase(one, scheme) for one in _PORTS):
        return f"{pattern!r} begins with {scheme}://, and a server is asked by http or https; {write}"
    if port.isdigit() and not 0 < int(port) < 65536:
        return f"{pattern!r} has the port {port}; ports are 1 to 65535"
    return None


def host_form(host: str) -> str:
    """A host in lower case; every spelling of an IP address as one, and those of this machine's loopback as one."""
    name = host.lower().strip("[]").rstrip(".")
    if name in ("localhost", "0.0.0.0"):
        return _LOOPBACK
    try:
        address = ip_address(name if ":" in name else socket.inet_ntoa(socket.inet_aton(name)))
    except (OSError, ValueError, UnicodeError):
        return name
    if isinstance(address, IPv6Address):
        address = address.ipv4_mapped or address
    return _LOOPBACK if str(address) in ("::1", "::", "0.0.0.0") else str(address)


def _is_one_socket(left: SplitResult, right: SplitResult) -> bool:
    if _port(left) != _port(right):
        return False
    one, other = (host_form(parts.hostname or "") for parts in (left, right))
    if one == other:
        return True
    may_be_virtual = _port(left) in _PORTS.values() and not (_is_address(one) or _is_address(other))
    return not may_be_virtual and bool(_addresses(one) & _addresses(other))


def _spellings(parts: SplitResult) -> Iterator[str]:
    """Every way in which a glob may name that server; what must be resolved comes last."""
    port, written = _port(parts), (parts.hostname or "").rstrip(".")
    told = dict.fromkeys((written, host_form(written)))
    if host_form(written) == _LOOPBACK:
        told["localhost"] = None
    for hosts in (told, _Later(host_form(written), told)):
        for host in hosts:
            place = _bracketed(host)
            yield from (f"{parts.scheme}://{place}:{port}", f"{place}:{port}")
            if port == _PORTS[parts.scheme]:
                yield from (f"{parts.scheme}://{place}", place)


class _Later:
    """The addresses of a host, resolved when they are asked for."""

    def __init__(self, host: str, known: dict[str, None]) -> None:
        self._host, self._known = host, known

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(_addresses(self._host) - set(self._known)))


def _globs(pattern: str) -> Iterator[str]:
    """The pattern; where its host is no glob, with every address of that host in its place."""
    bare = pattern.strip().lower()
    bare = bare if bare.endswith("://") else bare.rstrip("/")
    yield bare
    found = _PATTERN.fullmatch(bare)
    host = found["host"] if found else ""
    if not found or not host or any(sign in host for sign in "*?") or ("[" in host and ":" not in host):
        return
    scheme = "" if found["scheme"] is None else f"{found['scheme']}://"
    for one in sorted({host_form(host), *_addresses(host_form(host))}):
        yield f"{scheme}{escape(_bracketed(one))}{found['port'] or ''}"


def _addresses(host: str) -> frozenset[str]:
    """The addresses of a host in normal form; of a name that does not resolve in time, none. Never raises."""
    if _is_address(host):
        return frozenset((host,))
    known = _resolved.get(host)
    now = SYSTEM.monotonic()
    if known is None or now - known[0] > _FRESH:
        known = _resolved[host] = (now, _looked_up(host))
    return known[1]


def _is_address(host: str) -> bool:
    return ":" in host or bool(re.fullmatch(r"[0-9.]+", host))


def _looked_up(host: str) -> frozenset[str]:
    found: list[str] = []
    done = threading.Event()

    def look() -> None:
        try:
            found.extend(host_form(str(one[4][0])) for one in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError):
            pass  # it does not resolve: compared as a name
        done.set()

    try:
        threading.Thread(target=look, name="name look-up", daemon=True).start()
    except RuntimeError:  # no thread is to be had
        return frozenset()
    return frozenset(found) if done.wait(_PATIENCE) else frozenset()


def _port(parts: SplitResult) -> int:
    return parts.port or _PORTS[parts.scheme]


def _path(parts: SplitResult) -> str:
    path = posixpath.normpath(unquote(parts.path)) if parts.path else ""
    return "" if path in ("/", "//", ".") else path


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _is_host(host: str) -> bool:
    if ":" not in host:
        return bool(_HOST.match(host))
    try:
        IPv6Address(host)
    except ValueError:
        return False
    return True
