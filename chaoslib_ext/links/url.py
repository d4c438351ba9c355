"""Hosts in URLs of any scheme, JDBC's and lists of URLs too; no message carries what stands before an `@`."""

import re

from chaoslib_ext.errors import BadInput
from chaoslib_ext.proxy.address import host_port

from .spot import Place, Spot

__all__ = ["place_at", "url_places", "usual_port"]

_PORTS = {
    "amqp": 5672,
    "amqps": 5671,
    "clickhouse": 9000,
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
    "mqtts": 8883,
    "mssql": 1433,
    "mysql": 3306,
    "mysql2": 3306,
    "nats": 4222,
    "oracle": 1521,
    "postgis": 5432,
    "postgres": 5432,
    "postgresql": 5432,
    "redis": 6379,
    "rediss": 6379,
    "smtp": 25,
    "smtps": 465,
    "sqlserver": 1433,
    "valkey": 6379,
    "valkeys": 6379,
    "ws": 80,
    "wss": 443,
}
"""Which port a scheme means when none is written."""

_FILES = frozenset({"sqlite", "sqlite3", "duckdb", "file", "h2"})
_SOCKETS = frozenset({"unix", "socket", "http+unix"})
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.:-]*")


def url_places(variable: str, value: str) -> list[Place]:
    """The hosts of a URL or of several (`,` or `;` between), in order. Raises BadInput."""
    starts = [0, *(found.end() for found in re.finditer(r"[,;]\s*(?=[A-Za-z][A-Za-z0-9+.-]*://)", value))]
    places = []
    for start, end in zip(starts, [*starts[1:], len(value)], strict=True):
        places += _of_one(variable, value[start:end].rstrip(" ,;\n\t"), start)
    return places


def place_at(variable: str, start: int, written: str, port: int | None) -> Place:
    """The place of a host that is `written` there, with its port or with `port`. Raises BadInput."""
    has_port = bool(re.search(r":\d+$", written)) and not re.fullmatch(r"\[[^\]]*", written)
    if not has_port and port is None:
        raise BadInput(
            f"{variable} names no port for {written}, and its scheme has no usual one; write host:port there"
        )
    upstream = written if has_port else f"{written}:{port}"
    try:
        return Place(host_port(upstream, source=f"the host in {variable}"), (Spot(variable, start, written),))
    except BadInput:
        raise BadInput(
            f"the host in {variable} is not host:port; escape odd signs of the password as %40 and so on"
        ) from None


def _of_one(variable: str, url: str, offset: int) -> list[Place]:
    scheme, sign, rest = url.partition("://")
    _refuse_scheme(variable, scheme.strip(), bool(sign))
    if scheme.endswith("sqlserver"):
        rest = rest.partition(";")[0]  # JDBC's own form: properties, passwords too, follow the first ;
    begin, end = _span(rest)
    if "@" in rest[end:].partition("?")[0]:  # what looks like the host may be a part of the password
        raise BadInput(f"{variable} has an @ behind a /: write / as %2F and @ as %40, or name it: --upstream host:port")
    hosts = rest[begin:end]
    if not hosts.strip(", ") or hosts.lower().startswith("%2f"):
        raise BadInput(
            f"{variable} names no host ({scheme}: a file or a socket?); only what goes over TCP can be a link"
        )
    base = offset + len(scheme) + 3
    return [
        place_at(variable, base + begin + found.start(), found[0], usual_port(scheme))
        for found in re.finditer(r"[^,\s]+", hosts)
    ]


def _refuse_scheme(variable: str, scheme: str, has_sign: bool) -> None:
    name = scheme.lower().removeprefix("jdbc:").split(":")[0]
    parts = set(name.split("+"))
    if parts & _FILES:
        raise BadInput(
            f"{variable} names no host: {name} is a file of this machine; only what goes over TCP can be a link"
        )
    if parts & _SOCKETS:
        raise BadInput(f"{variable} names no host: it is a socket of this machine; let the service listen on TCP too")
    if not has_sign or not _SCHEME.fullmatch(scheme):
        raise BadInput(f"{variable} holds no URL (scheme://host:port/...); name the service: --upstream host:port")
    if name.endswith("+srv"):
        raise BadInput(
            f"{variable} is {scheme}://: its hosts stand in DNS; write them out as {scheme[:-4]}://host:port,..."
        )


def usual_port(scheme: str) -> int | None:
    """The port that a scheme means when none is written, or None.

    `jdbc:mysql:loadbalance`, `postgresql+psycopg`, `db+postgresql`: any known word of it says the port.
    """
    words = re.split(r"[:+]", scheme.lower())
    if {"redis", "sentinel"} <= set(words):
        return 26379
    return next((_PORTS[word] for word in words if word in _PORTS), None)


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
