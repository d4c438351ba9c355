"""From a variable to the services it leads to, whatever its form; and the line that leads it over links instead."""

import re
from collections.abc import Mapping, Sequence

from chaoslib_ext.errors import BadInput
from chaoslib_ext.proxy.address import host_port

from .dsn import dsn_places
from .spot import Place, Spot
from .url import url_places

__all__ = ["line_for", "places"]

_SAFE_BEFORE = re.compile(r"(?:[A-Za-z_]+\s*=\s*['\"]?(?:tcp:)?|://|:@|//|@|,|\(|;|\s|\[)$")
"""What may stand in a line before the host, to find it by: signs and keys, and never a piece of a secret."""


def places(variable: str, env: Mapping[str, str]) -> list[Place]:
    """The services that the variable leads to, in order. Raises BadInput; no message carries a secret."""
    value = env.get(variable, "")
    if not value.strip():
        how = "is empty" if variable in env else "is not set here; export it first"
        raise BadInput(f"{variable} {how}, or name the service with --upstream host:port")
    if "${" in value or "{{" in value:
        raise BadInput(f"{variable} holds a placeholder that nobody has filled in; export its real value")
    if re.search(r"[A-Za-z]://", value) and not re.match(r"\s*[A-Za-z][\w .]*\s*=", value):
        return url_places(variable, value)
    found = dsn_places(variable, value) or _host_and_port(variable, value.strip(), env)
    return found or url_places(variable, value)  # which says what is wrong


def line_for(variable: str, env: Mapping[str, str], changes: Sequence[tuple[Place, str]]) -> str:
    """The line for bash that changes the variable, without its secret: each place by where its link listens.

    Raises BadInput when bash would put it at another spot of the value.
    """
    values, commands = dict(env), list[str]()
    spots = [(spot, spot.put(listen)) for place, listen in changes for spot in place.spots]
    for spot, put in sorted(spots, key=lambda one: (one[0].variable, one[0].start), reverse=True):
        value = values[spot.variable]
        before = _found_by(value, spot)
        if before is None:
            raise BadInput(f"{spot.text} stands several times in {spot.variable}; write {put} in its place by hand")
        pattern = re.sub(r"([/\[\]*?\\#%\"'])", r"\\\1", before + spot.text)
        commands.insert(0, f'export {spot.variable}="${{{spot.variable}/{pattern}/{_quoted(before)}{put}}}"')
        values[spot.variable] = value[: spot.start] + put + value[spot.start + len(spot.text) :]
    return "; ".join(commands)


def _quoted(before: str) -> str:
    return re.sub(r"([\"])", r"\\\1", before)


def _found_by(value: str, spot: Spot) -> str | None:
    """What must stand before the text so that its first spot in the value is the right one."""
    safe = _SAFE_BEFORE.search(value[: spot.start])
    for before in ("", *([safe[0][-1:], safe[0]] if safe else [])):
        if value.find(before + spot.text) == spot.start - len(before):
            return before
    return None


def _host_and_port(variable: str, value: str, env: Mapping[str, str]) -> list[Place] | None:
    """REDIS_HOST, with its port in REDIS_PORT."""
    stem = re.sub(r"(?i)(HOST_?NAME|HOST|SERVER|ADDR(ESS)?)$", "", variable)
    if stem == variable or not re.fullmatch(r"[\w.-]+", value):
        return None
    beside = next((name for name in (f"{stem}PORT", f"{variable}_PORT") if env.get(name, "").strip().isdigit()), None)
    if beside is None:
        raise BadInput(
            f"{variable} names a host, and no {stem}PORT its port; export that too, or: --upstream host:port"
        )
    upstream = host_port(f"{value}:{env[beside].strip()}", source=f"{variable} with {beside}")
    start = env[variable].index(value)
    return [Place(upstream, (Spot(variable, start, value, "{host}"), Spot(beside, 0, env[beside], "{port}")))]
