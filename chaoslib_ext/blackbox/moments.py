"""When a line of a log was written, and moments as an author writes them.

Known in a line: ISO 8601 (`2026-11-22T03:00:00.5Z`, `2026-11-22 03:00:00,500 +01:00`; without a zone it is taken for
this machine's own) and the form of web servers (`[22/Nov/2026:03:00:00 +0000]`).
"""

import re
from datetime import UTC, datetime, timedelta

from chaoslib_ext.clock import Clock
from chaoslib_ext.errors import BadInput
from chaoslib_ext.model import parse_duration

__all__ = ["since_moment", "written_at"]

_LOOKED_AT = 300  # characters: a time stands near the beginning of its line
_ISO = re.compile(
    r"(?<!\d)(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))?(?: ?(Z|UTC|GMT|[+-]\d\d(?::?\d\d)?)(?![\w:]))?"
)
_WEB = re.compile(r"\[(\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4})\]")


def written_at(line: str) -> datetime | None:
    """The first moment that stands in a line, with its zone; None without one."""
    begin = line[:_LOOKED_AT]
    if found := _ISO.search(begin):
        return _iso(*found.groups())
    if found := _WEB.search(begin):
        try:
            return datetime.strptime(found[1], "%d/%b/%Y:%H:%M:%S %z")
        except ValueError:  # a 31st of November
            return None
    return None


def since_moment(name: str, value: object, clock: Clock) -> datetime:
    """From `5m` (so long ago) or a moment with its zone (`2026-11-22T03:00:00Z`). Raises BadInput."""
    written = value if isinstance(value, str | int | float) else ""
    found = _ISO.fullmatch(str(written).strip())
    if found and found[4] and (moment := _iso(*found.groups())):
        return moment
    try:
        return clock.wall() - timedelta(seconds=parse_duration(written))
    except ValueError:
        raise BadInput(
            f"{name} must be so long ago, such as 5m, or a moment with its zone, such as 2026-11-22T03:00:00Z, "
            f"or run; not {value!r}"
        ) from None


def _iso(day: str, time: str, fraction: str | None, zone: str | None) -> datetime | None:
    try:
        moment = datetime.fromisoformat(f"{day}T{time}")
    except ValueError:  # a 31st of November
        return None
    moment += timedelta(seconds=float(f"0.{fraction or 0}"))
    if zone is None:
        return moment.astimezone()
    if zone in ("Z", "UTC", "GMT"):
        return moment.replace(tzinfo=UTC)
    return datetime.fromisoformat(f"{day}T{time}{zone}") + timedelta(seconds=float(f"0.{fraction or 0}"))
