"""What the record is told of an undo, in one form, whoever did it: runner, watchdog or a person's hand."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chaoslib_ext.model import UndoResult
    from chaoslib_ext.undo.lines import Intent, LogState

__all__ = ["of_faults", "undone"]


def undone(intent: "Intent", result: "UndoResult", *, by: str, reason: str) -> tuple[str, dict[str, Any]]:
    """The event of one undo: its kind and its data. A run's hold on a proxy is no fault, unless it stays for ever."""
    kind = "lock.released" if intent.is_lock else "fault.undone"
    kind = "fault.undo_failed" if result.status == "failed" else kind
    return kind, {**result.model_dump(mode="json"), "by": by, "reason": reason}


def of_faults(results: "list[UndoResult]", state: "LogState") -> "list[UndoResult]":
    """Without the holds on proxies that were given back: only those that were not are worth a person's time."""
    holds = {one.id for one in state.intents if one.is_lock}
    return [one for one in results if one.id not in holds or one.status == "failed"]
