"""Hosts in what is no URL: `host=db port=5432`, `Server=tcp:db,1433;...`, `user:pw@tcp(db:3306)/x`, `a:9092,b:9092`."""

import re

from chaoslib_ext.errors import BadInput
from chaoslib_ext.proxy.address import host_port

from .spot import Place, Spot
from .url import place_at

__all__ = ["dsn_places"]

_HOST_PORT = r"(?:[\w.-]+|\[[0-9a-fA-F:.]+\]):\d{1,5}"
_LIST = re.compile(rf"\s*{_HOST_PORT}(?:\s*[,;\s]\s*{_HOST_PORT})*(?=\s*$|\s*,\s*\w+=)")
_GO = re.compile(r"@(\w+)\(([^()]*)\)/[^@]*$")
_ORACLE = re.compile(r"^jdbc:oracle:\w+:[^@]*@(?://)?([\w.-]+:\d+)")
_HOST_KEYS = ("host", "server", "data source", "datasource", "addr", "address", "network address")
_LIBPQ = re.compile(r"(?P<key>\w+)\s*=\s*(?P<value>'(?:[^'\\]|\\.)*'|[^\s']*)")
_ADO = re.compile(r"(?:^|;)\s*(?P<key>[\w .]+?)\s*=\s*(?P<value>\"[^\"]*\"|'[^']*'|[^;]*)")


def dsn_places(variable: str, value: str) -> list[Place] | None:
    """The hosts of a value of one of these forms; None when it is of none. Raises BadInput."""
    if found := _ORACLE.match(value):
        return [place_at(variable, found.start(1), found[1], None)]
    if found := _GO.search(value):
        return [_go(variable, found)]
    if found := _LIST.match(value):
        return [place_at(variable, one.start(), one[0], None) for one in re.finditer(_HOST_PORT, found[0])]
    if re.match(r"\s*[A-Za-z][\w .]*\s*=", value):
        return _keyed(variable, value)
    return None


def _go(variable: str, found: re.Match[str]) -> Place:
    """Go's MySQL driver: protocol(address)."""
    if found[1] != "tcp":
        raise BadInput(f"{variable} goes over {found[1]}, not TCP; only what goes over TCP can be a link")
    return place_at(variable, found.start(2), found[2], 3306)


def _keyed(variable: str, value: str) -> list[Place]:
    pattern = _ADO if ";" in value else _LIBPQ
    pairs = {one["key"].lower(): one for one in pattern.finditer(value)}
    host = next((pairs[key] for key in _HOST_KEYS if key in pairs), None)
    if host is None or host["value"].startswith(("/", "'/", "@")) or host["value"] in ("", "."):
        raise BadInput(
            f"{variable} names no host (a socket, or a name that is looked up?); --upstream host:port names it"
        )
    if "hostaddr" in pairs:
        raise BadInput(
            f"{variable} has a hostaddr beside its host: change that one and the port by hand, see docs/how-to/tls.md"
        )
    text = host["value"].strip("\"'")
    start = host.start("value") + host["value"].index(text)
    if text.lower().startswith("tcp:"):
        text, start = text[4:], start + 4
    return _together(variable, text, start) or _apart(variable, text, start, pairs, is_libpq=pattern is _LIBPQ)


def _together(variable: str, text: str, start: int) -> list[Place] | None:
    """SQL Server's `db,1433`, or `db:5432`."""
    name, sign, port = re.fullmatch(r"([^,:]*)([,:]?)(.*)", text, re.DOTALL).groups()  # type: ignore[union-attr]
    if not sign or not port.isdigit():
        return None
    upstream = host_port(f"{name}:{port}", source=f"the host in {variable}")
    return [Place(upstream, (Spot(variable, start, text, f"{{host}}{sign}{{port}}"),))]


def _apart(variable: str, text: str, start: int, pairs: dict[str, re.Match[str]], *, is_libpq: bool) -> list[Place]:
    if "," in text:
        raise BadInput(f"{variable} names several hosts: make each a link of its own, --upstream host:port")
    port = pairs.get("port")
    if port is None and not (is_libpq and {"dbname", "user"} & set(pairs)):
        raise BadInput(f"{variable} names no port for its host; add it there, or: --upstream host:port")
    number = port["value"].strip("\"'") if port else "5432"
    upstream = host_port(f"{text}:{number}", source=f"the host in {variable}")
    if port is None:
        return [Place(upstream, (Spot(variable, start, text, "{host} port={port}"),))]
    beside = Spot(variable, port.start("value") + port["value"].index(number), number, "{port}")
    return [Place(upstream, (Spot(variable, start, text, "{host}"), beside))]
