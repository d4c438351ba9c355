"""A rule, and what it found: where, how bad, whose matter it is, and how to mend it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from .tree import Path, Place, pointer

__all__ = ["Concern", "Finding", "Hit", "Rule", "Severity"]


class Severity(StrEnum):
    """How bad it is. An error: the host refuses, breaks off, or does something else than what is written."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Concern(StrEnum):
    """Whose matter it is: the author's, or only this machine's, where something is not installed or not set."""

    AUTHOR = "author"
    MACHINE = "machine"


@dataclass(frozen=True)
class Rule:
    """One thing that can be wrong. `id` is its name for ever; `what`, `why` and `cure` are whole sentences."""

    id: str
    severity: Severity
    what: str
    why: str
    cure: str
    concern: Concern = Concern.AUTHOR

    def at(
        self, path: Path, says: str, *, cure: str = "", place: Place | None = None, severity: Severity | None = None
    ) -> "Hit":
        """It is so at that path, or at a place of the text where no path leads."""
        return Hit(self, path, says, cure or self.cure, place, severity or self.severity)


@dataclass(frozen=True)
class Hit:
    """What a rule found, before it is known on which line of which file that stands."""

    rule: Rule
    path: Path
    says: str
    cure: str
    place: Place | None
    severity: Severity


@dataclass(frozen=True)
class Finding:
    """One finding, whole."""

    file: str
    place: Place
    hit: Hit

    @property
    def severity(self) -> Severity:
        """How bad it is."""
        return self.hit.severity

    @property
    def counts(self) -> bool:
        """Does it make `chaos lint` end with 1? Notes do not, nor does what only this machine lacks."""
        return self.hit.rule.concern is Concern.AUTHOR and self.severity is not Severity.NOTE

    def as_json(self) -> dict[str, Any]:
        """Plain data, for `--json`."""
        return {
            "rule": self.hit.rule.id,
            "severity": self.severity.value,
            "concern": self.hit.rule.concern.value,
            "file": self.file,
            "line": self.place.line,
            "column": self.place.column,
            "path": pointer(self.hit.path),
            "says": self.hit.says,
            "cure": self.hit.cure,
        }
