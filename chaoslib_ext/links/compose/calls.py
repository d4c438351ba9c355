"""Which service calls which, as its variables tell: URLs, host:port, host and port apart, key=value strings.

Only names of other services of the same file count, and only where a host stands: `postgres` is a host in
`postgres://postgres:postgres@postgres/postgres` once, and a user, a password, a database and a scheme else.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from chaoslib_ext.links.url import usual_port

from .environment import Variable

__all__ = ["Call", "Spot", "calls_in"]

_KEY = re.compile(
    r"(?:^|[\s;,&?])(?:host|hostaddr|server|data ?source|addr|address|network ?address|bootstrap\.servers"
    r"|contact-?points)\s*=\s*(?:tcp:)?$",
    re.IGNORECASE,
)
"""What stands before a host in `host=db port=5432`, `Server=tcp:db,1433;...`."""

_SAYS_HOST = re.compile(
    r"^ConnectionStrings__|(host|host_?name|server|addr|address|endpoint|seed|node|broker|url|uri|upstream|backend|dsn|service|peer|master"
    r"|connect|origin)e?s?$",
    re.IGNORECASE,
)
_SAYS_NO_HOST = re.compile(r"(image|tag|version|user|username|password|pass|database|prefix|driver)$", re.IGNORECASE)
_LOWEST_BARE_PORT = 80
"""Below it `redis:7` is an image rather than an address, unless the variable's name says host."""


@dataclass(frozen=True)
class Spot:
    """A piece of a variable's value (`before`) that names where a call goes, to be replaced by where the link listens.

    `holds`: "both" host and port, a "host" whose port stands elsewhere, a "port", or a host "alone", its port nowhere.
    """

    variable: Variable
    before: str
    holds: Literal["both", "host", "port", "alone"] = "both"


@dataclass(frozen=True)
class Call:
    """`caller` calls `service` at `port` (None: no variable says which); `spots` are what one changes."""

    caller: str
    service: str
    port: int | None
    spots: tuple[Spot, ...]


def calls_in(caller: str, variables: Sequence[Variable], known: Mapping[str, str]) -> Iterator[Call]:
    """The calls that these variables of `caller` tell of; `known`: each name that is a host here -> its service."""
    if not known:
        return
    names = "|".join(re.escape(name) for name in sorted(known, key=len, reverse=True))
    host = re.compile(rf"(?<![\w.\-])(?P<name>{names})(?::(?P<port>\d{{1,5}}))?(?![\w\-@]|\.\w|:[^\s/,;]*@)")
    for variable in variables:
        for found in host.finditer(variable.value):
            if call := _call(caller, variable, found, known[found["name"]], variables):
                yield call


def _call(
    caller: str, variable: Variable, found: re.Match[str], service: str, variables: Sequence[Variable]
) -> Call | None:
    before, after = variable.value[: found.start()], variable.value[found.end() :]
    port = int(found["port"]) if found["port"] else None
    spot = Spot(variable, found[0])
    chunk = re.split(r"[\s\"']", before)[-1]
    if _is_in_authority(chunk):
        return Call(caller, service, port or _usual(chunk), (spot,))
    if _KEY.search(before):
        return _keyed(caller, variable, found, service)
    if port is None:
        return _alone(caller, variable, spot, service, variables) if _is_element(before, after) else None
    opens = before == "" or before[-1] in " \t\n,;=\"'[(|@"
    is_address = port >= _LOWEST_BARE_PORT or _SAYS_HOST.search(variable.name)
    is_else = _SAYS_NO_HOST.search(variable.name)
    return Call(caller, service, port, (spot,)) if opens and is_address and not is_else else None


def _is_in_authority(chunk: str) -> bool:
    """Does the place right behind it belong to the hosts of a URL?"""
    scheme, sign, rest = chunk.rpartition("://")
    return bool(sign and scheme) and (rest == "" or rest[-1] == "@" or (rest[-1] == "," and "/" not in rest))


def _usual(chunk: str) -> int | None:
    scheme = re.search(r"([A-Za-z][\w+.:\-]*)://[^/]*$", chunk)
    return usual_port(scheme[1]) if scheme else None


def _keyed(caller: str, variable: Variable, found: re.Match[str], service: str) -> Call:
    """`Server=db,1433` or `host=db port=5432`; else only the service itself can say its port."""
    comma = re.match(r",(\d{1,5})(?!\w)", variable.value[found.end() :])
    if found["port"] or comma:
        port = found["port"] or (comma[1] if comma else "")
        written = found[0] + (comma[0] if comma else "")
        return Call(caller, service, int(port), (Spot(variable, written),))
    apart = re.search(r"(?i)(?:^|[\s;&?])(port\s*=\s*(\d{1,5}))(?!\w)", variable.value)
    if not apart:
        return Call(caller, service, None, (Spot(variable, found[0], "alone"),))
    return Call(caller, service, int(apart[2]), (Spot(variable, found[0], "host"), Spot(variable, apart[1], "port")))


def _alone(caller: str, variable: Variable, spot: Spot, service: str, variables: Sequence[Variable]) -> Call | None:
    """A host alone: only in a variable that is called so, with its port in the variable beside it, if there is one."""
    if not _SAYS_HOST.search(variable.name):
        return None
    beside = _port_beside(variable.name, variables)
    if not beside:
        return Call(caller, service, None, (replace(spot, holds="alone"),))
    return Call(caller, service, int(beside.value), (replace(spot, holds="host"), Spot(beside, beside.value, "port")))


def _port_beside(name: str, variables: Sequence[Variable]) -> Variable | None:
    """REDIS_PORT for REDIS_HOST."""
    stem = re.sub(r"(?i)(HOST_?NAME|HOSTS?|SERVERS?|ADDR(ESS)?|ENDPOINT|SERVICE)$", "", name)
    wanted = {f"{stem}PORT".lower(), f"{stem}_PORT".lower(), f"{name}_PORT".lower()}
    return next((one for one in variables if one.name.lower() in wanted and one.value.isdigit()), None)


def _is_element(before: str, after: str) -> bool:
    """Is it all of a value, or all of one part of a list?"""
    return before.strip()[-1:] in ("", ",", ";") and after.strip()[:1] in ("", ",", ";")
