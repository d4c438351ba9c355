"""The vocabulary: the words that every room shares, as frozen data. No behaviour, no I/O."""

import re
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

__all__ = [
    "SCHEMA",
    "UNDO_SCHEMA",
    "Deadline",
    "Duration",
    "Event",
    "Evidence",
    "Stream",
    "Target",
    "Undo",
    "UndoResult",
    "Verdict",
    "parse_duration",
]

SCHEMA = 1
"""The version of every stored form below; newer code reads older, an unknown newer one is refused."""

UNDO_SCHEMA = 2
"""The version of an undo and its log, likewise."""

Stream = Literal["downstream", "upstream"]
"""Toxiproxy's words: upstream is from the client to the server, downstream the way back."""

_DURATION = re.compile(r"^\s*(\d+(?:\.\d+)?)\s*(ms|s|m|h)\s*$")
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}


def parse_duration(value: str | int | float) -> float:
    """Seconds from `"250ms"`, `"30s"`, `"2m"`, `"1h"`, or a bare number of seconds; else ValueError."""
    if isinstance(value, bool):
        raise ValueError(f"{value!r} is not a duration; write for example 30s, 2m or 500ms")
    if isinstance(value, int | float):
        seconds = value  # no float of it yet: a number may be too large for one
    elif match := _DURATION.match(str(value)):
        seconds = float(match[1]) * _UNITS[match[2]]
    else:
        raise ValueError(f"{value!r} is not a duration; write for example 30s, 2m or 500ms")
    if not 0 < seconds < 366 * 86400:
        raise ValueError(f"a duration must be longer than nothing and shorter than a year, not {value!r}")
    return float(seconds)


Duration = Annotated[float, BeforeValidator(parse_duration)]
"""Seconds, written by people as `30s`."""


def _has_zone(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError("a time without a zone")
    return value


Moment = Annotated[datetime, AfterValidator(_has_zone)]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Verdict(StrEnum):
    """What a run came to. Only HELD is green."""

    HELD = "held"
    DEVIATED = "deviated"
    INCONCLUSIVE = "inconclusive"
    VOID = "void"
    ABORTED = "aborted"
    INTERRUPTED = "interrupted"
    UNDO_FAILED = "undo failed"
    ERROR = "error"


class Target(_Frozen):
    """One proxy on one server: what a fault is put on."""

    server: str = Field(description="base URL of the Toxiproxy API, such as http://127.0.0.1:8474")
    proxy: str
    listen: str = Field(description="host:port the proxy listens on")
    upstream: str


class Deadline(_Frozen):
    """When a fault must be gone: on the boot clock for the watchdog, on the wall for people and after a reboot."""

    boot_id: str
    boot_seconds: float
    wall: Moment


class Undo(_Frozen):
    """How one fault is taken back: plain data that outlives the process, never code.

    `driver` and `op` name an entry of a closed list (`UNDOERS` in `proxy/undo.py` and `guests/undo.py`); `args` is
    validated by it.
    """

    schema_version: int = UNDO_SCHEMA
    id: int = Field(ge=1, description="1, 2, ... within the run; undone in reverse order")
    run: str
    driver: Literal["proxy", "host"]
    op: str
    args: dict[str, Any]
    fault: str = Field(description="the kind of fault, for people: latency, down, ...")
    says: str = Field(description="what undoing does, in words: remove toxic cx-7f3a-latency from checkout-payment")
    by_hand: str = Field(description="the command a person types if all else fails")
    deadline: Deadline | None = None


class UndoResult(_Frozen):
    """What became of one undo. `verified`: the target was read back and shows no trace of the fault. `measured`: the
    link was measured again, and the effect is gone (True) or not (False); None where that could not be told.
    """

    id: int
    says: str
    status: Literal["undone", "already gone", "failed"]
    verified: bool
    error: str | None = None
    by_hand: str | None = None
    seconds: float = 0.0
    measured: bool | None = None
    after: dict[str, Any] = Field(
        default_factory=dict, description="what was measured after it, with units; or why not"
    )


class Evidence(_Frozen):
    """What is known of one fault on one target, as an action returns it and the record keeps it."""

    run: str
    undo: int
    fault: str
    target: Target
    toxic: dict[str, Any] | None = Field(default=None, description="the toxic as the server shows it; None for down")
    confirmed: bool = Field(description="read back from the server and found as asked for")
    bit: bool | None = Field(
        description="the link shows the effect; None: could not be measured, `measured.why` says so"
    )
    measured: dict[str, Any] = Field(default_factory=dict, description="method, samples and units, e.g. added_ms")
    seed: int | None = None
    seed_honoured: bool | None = Field(default=None, description="did the server take the seed; None if none was asked")
    duration_s: float | None = None
    duration_set_by: str | None = Field(
        default=None, description="what set the duration where the fault had none: the next blackout of the policy"
    )


class Event(_Frozen):
    """One line of `events.jsonl`. `hash` is SHA-256 over the line without it: each line vouches for the one before."""

    schema_version: int = SCHEMA
    seq: int = Field(ge=1)
    time: Moment
    kind: str
    actor: str = Field(description="runner, watchdog, hand, or rollbacks (the process that plays an experiment's own)")
    data: dict[str, Any]
    prev: str
    hash: str
