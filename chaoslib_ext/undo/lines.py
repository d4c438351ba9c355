"""The lines of an undo log, read back: plain data, needing nothing but `json`, so that the watchdog stays small."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chaoslib_ext.errors import UndoTooNew

from .owner import Owner

__all__ = ["SCHEMA", "Header", "Intent", "LogState", "parsed"]

SCHEMA = 1
"""The newest line this code understands; the same number as `model.SCHEMA`, not imported to spare pydantic."""


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
        return self.data.get("by_hand")

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
    closed: bool = False
    damaged: int = 0

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
        here = {intent.id for intent in self.intents}
        lost = [intent for intent in known.intents if intent.id not in here]
        intents = sorted([*self.intents, *lost], key=lambda intent: intent.id) if lost else self.intents
        return LogState(
            self.header or known.header, intents, {**known.results, **self.results}, self.closed, self.damaged
        )

    @property
    def next_id(self) -> int:
        """The id of the next undo."""
        return max((intent.id for intent in self.intents), default=0) + 1


def parsed(content: bytes) -> LogState:
    """Read a whole log. A torn last line was never acknowledged and is passed over; so is a damaged one, counted: who
    undoes must hear that there may be more than the log can tell.

    Raises UndoTooNew when the log itself is of a newer schema.
    """
    state = LogState()
    for raw in content[: content.rfind(b"\n") + 1].splitlines():
        try:
            _take(json.loads(raw), state)
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
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
    elif kind == "closed":
        state.closed = True


def _intent(data: dict[str, Any], written: str) -> Intent:
    """Raises for data that nobody could undo by."""
    intent = Intent(data, written)
    if intent.id < 1 or not (isinstance(data["driver"], str) and isinstance(data["op"], str) and intent.args):
        raise ValueError("no undo")
    if not intent.is_too_new:
        intent.seconds_left("", 0.0)  # a deadline that cannot be compared is found here
    return intent


def _header(line: dict[str, Any]) -> Header:
    if int(line.get("schema_version", 0)) > SCHEMA:
        raise UndoTooNew(
            f"the undo log of run {line.get('run')} was written by a newer version of chaostoolkit-ext; nothing was "
            f"touched; with that version type: chaos undo --run {line.get('run')}"
        )
    owner = Owner(int(line["pid"]), float(line["create_time"]), str(line["boot_id"]))
    by, started = str(line.get("by", "")), line.get("started", "")
    return Header(line["run"], line.get("title", ""), owner, line.get("record"), started, by)
