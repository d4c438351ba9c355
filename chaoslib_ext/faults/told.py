"""What the record is told of an undo, in one form, whoever did it: runner, watchdog or a person's hand."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chaoslib_ext.model import UndoResult

__all__ = ["undone"]


def undone(result: "UndoResult", *, by: str, reason: str) -> tuple[str, dict[str, Any]]:
    """The event of one undo: its kind and its data."""
    kind = "fault.undo_failed" if result.status == "failed" else "fault.undone"
    return kind, {**result.model_dump(mode="json"), "by": by, "reason": reason}
