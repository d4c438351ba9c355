"""The lines of an undo log, read back: plain data, needing nothing but `json`, so that the watchdog stays small."""

import json
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from chaoslib_ext.errors import UndoTooNew
from chaoslib_ext.server_name import normal_form

from .owner import Owner

__all__ = ["LOCK", "NO_SIGN", "SCHEMA", "Header", "Intent", "LogState", "parsed"]

SCHEMA = 2
"""The newest line this code understands; the same number as `model.UNDO_SCHEMA`, not imported to spare pydantic.

2: the header has `machine` and `lease_s`, each server has a line, and an undo may only name a server that has one.
"""
_NAMES_ITS_SERVERS = 2

NO_SIGN = "it gave no sign of life"
"""Why a run has lapsed, where its log does not say."""

LOCK = "lock"
"""What stands in the place of the kind of fault where an undo gives back a hold on a proxy."""


@dataclass(frozen=True)
class Header:
    """The first line: whose faults these are."""

    run: str
    title: str
    owner: Owner
    record: str | None
    started: str
    by: str = ""
    """`user@host`; empty in a log of before this was written."""
    machine: str = ""
    """See `owner.machine`."""
    lease_s: float = 0.0
    """Seconds without a sign of life after which the watchdog takes the faults back; 0: never (an older log)."""


@dataclass(frozen=True)
class Intent:
    """One undo, written before its fault. `data` is a `model.Undo` as JSON."""

    data: dict[str, Any]
    written: str = ""
    """When, with its zone; empty in a log of before this was written."""

    @property
    def id(self) -> int:
        """1, 2, ... within the run."""
        return int(self.data["id"])

    @property
    def args(self) -> dict[str, Any]:
        """What the undo operation is called with."""
        return dict(self.data.get("args") or {})

    @property
    def says(self) -> str:
        """What undoing does, in words."""
        return str(self.data.get("says", f"undo {self.id}"))

    @property
    def by_hand(self) -> str | None:
        """The command a person types if all else fails."""
        by_hand = self.data.get("by_hand")
        return by_hand if isinstance(by_hand, str) else None

    @property
    def is_lock(self) -> bool:
        """Is it no fault, but the run's hold on a proxy, so that no other run hurts it too?"""
        return self.data.get("fault") == LOCK

    @property
    def is_too_new(self) -> bool:
        """Was it written by a newer version, whose meaning we can only guess?"""
        return int(self.data.get("schema_version", 0)) > SCHEMA

    def seconds_left(self, boot_id: str, boot_seconds: float) -> float | None:
        """Until its deadline on the boot clock; None without one. A deadline of another boot has passed."""
        deadline = self.data.get("deadline")
        if not deadline:
            return None
        left = float(deadline["boot_seconds"]) - boot_seconds
        return left if deadline["boot_id"] == boot_id else 0.0


@dataclass
class LogState:
    """What one reading of a log shows."""

    header: Header | None = None
    intents: list[Intent] = field(default_factory=list)
    results: dict[int, dict[str, Any]] = field(default_factory=dict)
    servers: frozenset[str] = frozenset()
    """The base URLs that the run spoke to when it put a fault in."""
    lapsed: str | None = None
    """When its faults were taken back because it hung: nothing of it may go in any more."""
    why_lapsed: str = NO_SIGN
    """How that showed, in words."""
    closed: bool = False
    damaged: int = 0
    of: "LogState | None" = field(default=None, repr=False, compare=False)
    """What the file alone said, where this is that and what was known besides."""

    @property
    def open(self) -> list[Intent]:
        """Intents that no good result answers, in the order they were written."""
        return [intent for intent in self.intents if intent.id not in self.results]

    def damage(self, path: Path) -> str:
        """What a person must know of a log whose lines cannot all be read."""
        return (
            f"the undo log {path} has {self.damaged} damaged lines, so it may not name every fault of run {path.stem}; "
            f"look for toxics named cx-{path.stem}-... and for disabled proxies: chaos proxy list"
        )

    def with_what_is_known(self, known: "LogState") -> "LogState":
        """This reading, with what an earlier one or the writer itself knew and the file has lost or never took."""
        if known.of is self:
            return known
        here = {intent.id for intent in self.intents}
        lost = [intent for intent in known.intents if intent.id not in here]
        intents = sorted([*self.intents, *lost], key=lambda intent: intent.id) if lost else [*self.intents]
        return LogState(
            self.header or known.header,
            intents,
            {**known.results, **self.results},
            self.servers | known.servers,
            self.lapsed or known.lapsed,
            self.why_lapsed if self.lapsed else known.why_lapsed,
            self.closed,
            self.damaged,
            self,
        )

    def knows_server(self, intent: Intent) -> bool:
        """Did the run speak to the server that this undo names? Of a log of before this was written: nobody knows."""
        is_older = int(intent.data.get("schema_version", 0)) < _NAMES_ITS_SERVERS
        is_elsewhere = intent.data.get("driver") != "proxy"  # the experiment's own rollbacks go where they say
        return is_older or is_elsewhere or self.names(str(intent.args.get("server")))

    def names(self, server: str) -> bool:
        """True if the run spoke to that server, by the normal form of its address; no name is resolved for it."""
        return normal_form(server) in {normal_form(one) for one in self.servers}

    @property
    def next_id(self) -> int:
        """The id of the next undo."""
        return max((intent.id for intent in self.intents), default=0) + 1


def parsed(content: bytes, onto: LogState | None = None) -> LogState:
    """Read a whole log, or (`onto` what was read before it) its end. A torn last line was never acknowledged and is
    passed over; so is a damaged one, counted: who undoes must hear that there may be more than the log can tell.

    Raises UndoTooNew when the log itself is of a newer schema.
    """
    state = LogState() if onto is None else replace(onto, intents=[*onto.intents], results={**onto.results})
    for raw in content[: content.rfind(b"\n") + 1].splitlines():
        try:
            _take(json.loads(raw), state)
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError):
            state.damaged += 1
    return state


def _take(line: dict[str, Any], state: LogState) -> None:
    kind = line["kind"]
    if kind == "run":
        state.header = _header(line)
    elif kind == "intent":
        state.intents.append(_intent(line["undo"], str(line.get("time", ""))))
    elif kind == "undone":
        state.results[int(line["result"]["id"])] = line
    elif kind == "server":
        state.servers |= {str(line["url"])}
    elif kind == "lapsed":
        state.lapsed, state.why_lapsed = str(line["time"]), str(line.get("why", NO_SIGN))
    elif kind == "closed":
        state.closed = True


def _intent(data: dict[str, Any], written: str) -> Intent:
    """Raises for data that nobody could undo by."""
    intent = Intent(data, written)
    if intent.id < 1 or not (isinstance(data["driver"], str) and isinstance(data["op"], str) and intent.args):
        raise ValueError("no undo")
    if not intent.is_too_new:
        _check(intent)
    return intent


def _check(intent: Intent) -> None:
    """Raises where target or deadline are of no form that anybody could use."""
    if not all(isinstance(intent.args.get(name, ""), str) for name in ("server", "proxy", "toxic")):
        raise ValueError("no target")
    intent.seconds_left("", 0.0)
    datetime.fromisoformat((intent.data.get("deadline") or {"wall": "2026-01-01"})["wall"])


def _header(line: dict[str, Any]) -> Header:
    if int(line.get("schema_version", 0)) > SCHEMA:
        raise UndoTooNew(
            f"the undo log of run {line.get('run')} was written by a newer version of chaostoolkit-ext; nothing was "
            f"touched; with that version type: chaos undo --run {line.get('run')}"
        )
    owner = Owner(int(line["pid"]), float(line["create_time"]), str(line["boot_id"]))
    by, started = str(line.get("by", "")), line.get("started", "")
    where, lease = str(line.get("machine", "")), float(line.get("lease_s", 0.0))
    record = line.get("record")
    if not isinstance(line["run"], str) or not isinstance(record, str | None):
        raise ValueError("no run")
    return Header(line["run"], str(line.get("title", "")), owner, record, str(started), by, where, lease)
