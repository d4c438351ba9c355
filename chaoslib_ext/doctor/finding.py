"""What a look found."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

__all__ = ["Finding", "State"]

State = Literal["ok", "wrong", "note"]
"""`ok`: as it should be; `wrong`: something to mend; `note`: worth knowing, and nothing to mend."""


@dataclass(frozen=True)
class Finding:
    """One of it. `check` is the check's name, `fix` the command to type (or what to do), empty when there is none."""

    check: str
    state: State
    says: str
    fix: str = ""

    def as_json(self) -> dict[str, Any]:
        """For `--json`."""
        return asdict(self)
