"""What to change in a compose file so that its calls go over the links: one line of a file each, without secrets."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .calls import Spot
from .plan import Way

__all__ = ["Change", "changes"]

_FROM_INSIDE = "host.docker.internal"
"""What a container calls the machine that Docker runs on (docs.docker.com, networking)."""


@dataclass(frozen=True)
class Change:
    """In `file` at `line`, in the value of `variable`, write `after` in place of `before`; `services` read it.

    `port`: said nowhere in the files, so it has to be told too (None where it is said).
    """

    file: str
    line: int
    variable: str
    services: tuple[str, ...]
    before: str
    after: str
    port: int | None = None


def changes(ways: Iterable[Way], listens: Mapping[str, str]) -> list[Change]:
    """The changes for links of these names that listen there; a line that several services share comes once."""
    found: dict[tuple[str, int, str, str, str, int | None], list[str]] = {}
    for way in ways:
        host, _, port = listens[way.name].rpartition(":")
        for caller, spot in way.spots:
            raw = spot.variable.raw
            alone = int(port) if spot.holds == "alone" else None
            key = (str(raw.file), raw.line, spot.variable.name, spot.before, _after(spot, way, host, port), alone)
            found.setdefault(key, []).append(caller)
    told = [Change(*key[:3], tuple(dict.fromkeys(names)), *key[3:]) for key, names in found.items()]
    return sorted(told, key=lambda one: (one.file, one.line))


def _after(spot: Spot, way: Way, host: str, port: str) -> str:
    """A host alone is replaced by a host alone where its port has a place of its own."""
    if spot.holds == "port":
        return spot.before.replace(str(way.port), port)
    there = _FROM_INSIDE if host.strip("[]") in ("127.0.0.1", "localhost", "::1", "0.0.0.0", "::") else host
    if "," in spot.before:
        return f"{there},{port}"
    return f"{there}:{port}" if spot.holds == "both" else there
