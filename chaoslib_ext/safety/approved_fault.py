"""One fault on one link as an approval holds it, and in what another fault differs from it.

All that reaches the fault is in it, as it came out in the end: server, link, kind, settings, duration. A value that
came from a secret is kept as an HMAC with the approval's own key.
"""

import hashlib
import hmac
import json
from collections.abc import Collection, Iterable, Iterator
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from chaoslib_ext.server_name import normal_form, same_server

__all__ = ["ApprovedFault", "Hidden", "why_none_is"]


class Hidden(BaseModel):
    """A value that came from a secret: HMAC-SHA256, hex, of its field's name and itself."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    hmac_sha256: str = Field(pattern=r"^[0-9a-f]{64}$")

    def __str__(self) -> str:
        return "(from a secret)"


Value = Hidden | str | int | float | None


class ApprovedFault(BaseModel):
    """A fault that was approved, or one that would go in. `server` is empty where none was asked (offline)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    server: str
    link: Hidden | str
    upstream: str
    fault: Hidden | str
    settings: dict[str, Value] = Field(default_factory=dict)
    duration_s: Hidden | float | None = None

    @property
    def says(self) -> str:
        """In one line."""
        told = ", ".join(f"{name} {value}" for name, value in self.settings.items())
        lasts = "no duration" if self.duration_s is None else f"duration_s {self.duration_s}"
        where = f"{self.link} (to {self.upstream or '?'}, {self.server or 'server not asked'})"
        return f"{self.fault} on {where}: {told + ', ' if told else ''}{lasts}"

    def without(self, fields: Collection[str], key: str) -> "ApprovedFault":
        """The same with the values of these fields hidden; `*` hides all that a fault is told."""
        told = {name: _hidden(name, value, key) for name, value in self._told() if {name, "*"} & set(fields)}
        settings = {name: told.get(name, value) for name, value in self.settings.items()}
        return self.model_copy(
            update={"settings": settings, **{name: told[name] for name in _OWN if name in told}},
        )

    def is_on(self, other: "ApprovedFault", key: str) -> bool:
        """True if it is on a link of the name that `other` has, on whatever server."""
        return _is_same("link", self.link, other.link, key)

    def differences(self, other: "ApprovedFault", key: str) -> list[str]:
        """In what `other` differs, in words; empty when it is this very fault."""
        mine, theirs = dict(self._told()), dict(other._told())
        found = list(self._place_differs(other))
        for name in dict.fromkeys([*mine, *theirs]):
            seen, now = mine.get(name), theirs.get(name)
            if _is_same(name, seen, now, key):
                continue
            if isinstance(seen, Hidden):
                found.append(f"{name} is another value, which comes from a secret")
            else:
                found.append(f"{name} {_shown(now)} instead of {_shown(seen)}")
        return found

    def _place_differs(self, other: "ApprovedFault") -> Iterator[str]:
        if not other.server:
            return  # offline nothing is known of the place
        if not same_server(self.server, other.server):
            yield f"server {other.server} instead of {self.server}"
        if normal_form(self.upstream) != normal_form(other.upstream):
            yield f"it leads to {other.upstream} instead of {self.upstream}"

    def _told(self) -> Iterator[tuple[str, Value]]:
        yield from ((name, getattr(self, name)) for name in _OWN)
        yield from self.settings.items()


_OWN = ("link", "fault", "duration_s")
"""Fields that a fault's action is told, beside the settings."""


def why_none_is(approved: Iterable[ApprovedFault], fault: ApprovedFault, key: str) -> str | None:
    """Why none of those is `fault`: what the nearest differs in; None when one is."""
    there = list(approved)
    near = [one for one in there if one.is_on(fault, key)]
    if not near:
        names = ", ".join(dict.fromkeys(str(one.link) for one in there)) or "no fault at all"
        return f"link {fault.link} was not in what was approved ({names})"
    differs = min((one.differences(fault, key) for one in near), key=len)
    return f"on {fault.link}: {'; '.join(differs)}" if differs else None


def _is_same(name: str, approved: Value, asked: Value, key: str) -> bool:
    if isinstance(approved, Hidden):
        return hmac.compare_digest(approved.hmac_sha256, _hidden(name, asked, key).hmac_sha256)
    return approved == asked


def _hidden(name: str, value: Any, key: str) -> Hidden:
    same = float(value) if isinstance(value, int | float) else value  # 30 and 30.0 are one duration
    told = json.dumps([name, same], ensure_ascii=False)
    return Hidden(hmac_sha256=hmac.new(bytes.fromhex(key), told.encode(), hashlib.sha256).hexdigest())


def _shown(value: Value) -> str:
    return "none" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
