"""Hosts in a URL of any scheme, and the line that leads the URL over links instead; never with its password."""

import re
from dataclasses import dataclass

from chaoslib_ext.errors import BadInput
from chaoslib_ext.proxy.address import host_port

__all__ = ["PORTS", "Place", "line_for", "places"]

PORTS = {
    "amqp": 5672,
    "amqps": 5671,
    "cockroachdb": 26257,
    "ftp": 21,
    "http": 80,
    "https": 443,
    "kafka": 9092,
    "ldap": 389,
    "ldaps": 636,
    "mariadb": 3306,
    "memcached": 11211,
    "mongodb": 27017,
    "mqtt": 1883,
    "mssql": 1433,
    "mysql": 3306,
    "nats": 4222,
    "oracle": 1521,
    "postgres": 5432,
    "postgresql": 5432,
    "redis": 6379,
    "redis+sentinel": 26379,
    "rediss": 6379,
    "smtp": 25,
    "valkey": 6379,
    "valkeys": 6379,
    "ws": 80,
    "wss": 443,
}
"""Which port a scheme means when none is written."""


@dataclass(frozen=True)
class Place:
    """A host as it is `written` in the URL, and as host:port."""

    written: str
    upstream: str


def places(url: str, *, source: str) -> list[Place]:
    """The hosts of a URL, in order. Raises BadInput naming `source`; no message carries any part before the `@`."""
    scheme, sign, rest = url.strip().partition("://")
    if not sign or not re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*", scheme):
        raise BadInput(f"{source} holds no URL (scheme://host:port/...); name the service: --upstream host:port")
    if scheme.endswith("+srv"):
        raise BadInput(
            f"{source} is {scheme}://: its hosts stand in DNS; write them out as {scheme[:-4]}://host:port,..."
        )
    begin, end = _span(rest)
    if "@" in rest[end:].partition("?")[0]:  # what looks like the host may be a part of the password
        raise BadInput(f"{source} has an @ behind a /: write / as %2F and @ as %40, or name it: --upstream host:port")
    hosts = [one.strip() for one in rest[begin:end].split(",")]
    if not any(hosts):
        raise BadInput(f"{source} names no host ({scheme}: a file or a socket?); only what goes over TCP can be a link")
    return [_place(one, PORTS.get(scheme.lower()) or PORTS.get(scheme.lower().split("+")[0]), source) for one in hosts]


def line_for(variable: str, url: str, changes: list[tuple[Place, str]]) -> str:
    """The line for a shell that changes the variable, without its secret: each place by where its link listens.

    Raises BadInput when bash would put it at another spot of the URL.
    """
    commands = []
    for place, listen in changes:
        signs = [before for before in ("", "@", ",", "//") if _is_first(url, before + place.written, place, before)]
        if not signs:
            raise BadInput(f"{place.written} stands several times in {variable}; write {listen} in its place by hand")
        pattern = re.sub(r"([/\[\]*?\\])", r"\\\1", signs[0] + place.written)
        commands.append(f'export {variable}="${{{variable}/{pattern}/{signs[0]}{listen}}}"')
        url = url.replace(signs[0] + place.written, signs[0] + listen, 1)
    return "; ".join(commands)


def _is_first(url: str, text: str, place: Place, before: str) -> bool:
    """Is the first spot of that text the host itself, and no part of a name or a password?"""
    scheme, _, rest = url.partition("://")
    begin, end = (at + len(scheme) + 3 for at in _span(rest))
    where = url.find(text) + len(before)
    after = url[where + len(place.written) :][:1]
    return text in url and begin <= where < end and after in ("", "/", "?", "#", ",")


def _span(rest: str) -> tuple[int, int]:
    """Where the hosts begin and end: behind the last @ before the path; a password may hold any sign."""
    end = _path(rest, 0)
    authority = rest[:end]
    if "@" in authority or "@" not in rest or re.fullmatch(r"[\w.-]+(:\d+)?|\[[0-9a-fA-F:.]+\](:\d+)?|", authority):
        return authority.rfind("@") + 1, end
    begin = rest.rfind("@") + 1  # the password holds a sign that should have been escaped
    return begin, _path(rest, begin)


def _path(rest: str, begin: int) -> int:
    found = re.search(r"[/?#]", rest[begin:])
    return begin + found.start() if found else len(rest)


def _place(written: str, port: int | None, source: str) -> Place:
    has_port = bool(re.search(r":\d+$", written)) and not re.fullmatch(r"\[[^\]]*", written)
    if not has_port and port is None:
        raise BadInput(f"{source} names no port for {written}, and its scheme has no usual one; write host:port there")
    upstream = written if has_port else f"{written}:{port}"
    try:
        return Place(written, host_port(upstream, source=f"the host in {source}"))
    except BadInput:
        raise BadInput(
            f"the host in {source} is not host:port; escape odd signs of the password as %40 and so on"
        ) from None
