"""Undo: take everything back that this run put in, now; useful as a rollback, or between two faults."""

from typing import Any

__all__ = ["everything"]


def everything() -> dict[str, Any]:
    """Undo all faults of this run; fails if one could not be undone.

    Returns `{"run": ..., "undone": [result, ...]}`.
    """
    from chaoslib_ext.faults.take_back import everything

    return everything()
