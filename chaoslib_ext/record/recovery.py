"""Was health proved again after the undo? The states of that question, told from events."""

from typing import Any, Literal

__all__ = ["State", "recovery_of"]

State = Literal["back", "not back", "cut short", "not asked"]
"""`back`: the steady state was met again, and stayed; `not back`: not within its time; `cut short`: a person or a
signal ended the waiting; `not asked`: there was nothing to ask, and `why` says what."""


def recovery_of(found: list[dict[str, Any]]) -> dict[str, Any] | None:
    """`state`, `seconds` since the undo, `samples`, `at_most_s`, `missed`, `why`; None when the run never got there."""
    ends = (event["data"] for event in reversed(found) if event["kind"] == "recovery.completed")
    return next(ends, None)
