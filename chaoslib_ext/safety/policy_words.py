"""How people write what a policy says: kinds of fault, days, times, zones and moments, read into types."""

from datetime import date, datetime, time
from typing import Annotated, Any, Literal, get_args
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field

from chaoslib_ext.errors import did_you_mean
from chaoslib_ext.model import parse_duration

from .rule_words import Text
from .windows import DAYS

__all__ = [
    "KINDS",
    "TOXICS",
    "Count",
    "Days",
    "EndOfDay",
    "Kind",
    "Kinds",
    "Lasting",
    "Moment",
    "Names",
    "Number",
    "TimeOfDay",
    "Zone",
]

Kind = Literal[
    "any",
    "any toxic",
    "latency",
    "bandwidth",
    "slicer",
    "timeout",
    "reset_peer",
    "slow_close",
    "limit_data",
    "noop",
    "down",
]
KINDS: tuple[str, ...] = get_args(Kind)
"""Words for kinds of fault."""

TOXICS = tuple(kind for kind in KINDS if kind not in ("any", "any toxic", "down"))
"""What `any toxic` means."""


def _several(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


def _zone(value: Any) -> ZoneInfo:
    if isinstance(value, ZoneInfo):
        return value
    try:
        return ZoneInfo(str(value))
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f"{value!r} is no time zone; write for example Europe/Berlin or UTC") from error


def _time_of_day(value: Any) -> Any:
    if value == "24:00":
        return None
    try:
        return datetime.strptime(str(value), "%H:%M").time()
    except ValueError:
        raise ValueError(f"{value!r} is no time of day; write for example 09:00") from None


def _days(value: Any) -> Any:
    words = [word for one in _several(value) for word in one.split(",")] if isinstance(value, str | list) else []
    found = [day for word in words for day in _range(word.strip().lower())]
    if not found:
        raise ValueError(f"{value!r} names no days; write for example mon-fri, or [mon, wed]")
    return tuple(dict.fromkeys(found))


def _range(word: str) -> list[str]:
    first, dash, last = (part.strip() for part in word.partition("-"))
    for name in (first, last) if dash else (first,):
        if name not in DAYS:
            raise ValueError(f"{name!r} is no day{did_you_mean(name, DAYS)}")
    if not dash:
        return [first]
    begin, end = DAYS.index(first), DAYS.index(last)
    return [DAYS[(begin + step) % 7] for step in range((end - begin) % 7 + 1)]


def _moment(value: Any) -> Any:
    """`2026-11-27` or `2026-11-27 18:00`, without a zone: the policy's is meant."""
    text = str(value)
    try:
        if len(text) == len("2026-11-27"):
            return date.fromisoformat(text)
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{value!r} is no date; write 2026-11-27, or 2026-11-27 18:00") from None
    if moment.tzinfo is not None:
        raise ValueError(f"{value!r} has a zone of its own; leave it out, `zone` is meant")
    return moment


def _known(value: Any) -> Any:
    if value not in KINDS:
        raise ValueError(f"there is no kind of fault {value!r}{did_you_mean(str(value), KINDS, most=20)}")
    return value


Names = Annotated[tuple[str, ...], BeforeValidator(_several, json_schema_input_type=Text)]
Kinds = Annotated[
    tuple[Annotated[Kind, BeforeValidator(_known, json_schema_input_type=Kind)], ...],
    BeforeValidator(_several, json_schema_input_type=Kind | tuple[Kind, ...]),
]
Days = Annotated[tuple[str, ...], BeforeValidator(_days, json_schema_input_type=Text)]
Lasting = Annotated[float, BeforeValidator(parse_duration, json_schema_input_type=str | float)]
Zone = Annotated[ZoneInfo, BeforeValidator(_zone, json_schema_input_type=str)]
TimeOfDay = Annotated[time, BeforeValidator(_time_of_day, json_schema_input_type=str)]
EndOfDay = Annotated[time | None, BeforeValidator(_time_of_day, json_schema_input_type=str)]
Moment = Annotated[date | datetime, BeforeValidator(_moment, json_schema_input_type=str)]
Number = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=1)]
