"""Which of a service's ports can be reached from this machine (`ports:` of a compose file, short and long form)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["Published", "published"]

_EVERYWHERE = ("", "0.0.0.0", "::", "127.0.0.1", "localhost")


@dataclass(frozen=True)
class Published:
    """A container's port and where this machine has it: host:port, or empty when Docker chooses the port anew."""

    container: int
    at: str


def published(entry: Any) -> list[Published]:
    """The TCP ports of one entry under `ports:`; none for what is no port or goes over UDP."""
    if isinstance(entry, Mapping):
        return _long(entry)
    text, _, protocol = str(entry or "").partition("/")
    if protocol.lower() not in ("", "tcp"):
        return []
    front, _, container = text.rpartition(":")
    host, _, outside = front.rpartition(":")
    return _paired(host, outside, container)


def _long(entry: Mapping[Any, Any]) -> list[Published]:
    if str(entry.get("protocol") or "tcp").lower() != "tcp":
        return []
    return _paired(str(entry.get("host_ip") or ""), str(entry.get("published") or ""), str(entry.get("target") or ""))


def _paired(host: str, outside: str, container: str) -> list[Published]:
    """Ranges of one length are paired in order; one container port with a range outside is Docker's choice."""
    inside, out = _range(container), _range(outside)
    if len(inside) != len(out):
        return [Published(port, "") for port in inside]
    return [Published(port, f"{_address(host)}:{there}") for port, there in zip(inside, out, strict=True)]


def _address(host: str) -> str:
    bare = host.strip().strip("[]")
    if bare.lower() in _EVERYWHERE:
        return "127.0.0.1"
    return f"[{bare}]" if ":" in bare else bare


def _range(text: str) -> range:
    found = re.fullmatch(r"\s*(\d{1,5})(?:-(\d{1,5}))?\s*", text)
    if not found:
        return range(0)
    begin, end = int(found[1]), int(found[2] or found[1])
    return range(begin, end + 1) if 0 < begin <= end < 65536 else range(0)
