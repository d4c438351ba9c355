"""What people did by hand in spite of a freeze: one line each in the state folder, written before it is done.

Nothing needs the file: `chaos live` and `chaos thaw` show its lines, a person may delete it.
"""

import os
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from chaoslib_ext.clock import SYSTEM, Clock
from chaoslib_ext.errors import BadFile
from chaoslib_ext.folders import state_dir

__all__ = ["Insistence", "note", "since"]


class Insistence(BaseModel):
    """Who did what, when and on which server, and what the freeze said that stood against it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    schema_version: Literal[1] = 1
    time: AwareDatetime
    by: str
    what: str
    server: str
    freeze: str

    @property
    def says(self) -> str:
        """In words, for a line."""
        return f"{self.time.astimezone():%Y-%m-%d %H:%M:%S %Z} by {self.by}: {self.what} on {self.server}"

    def as_json(self) -> dict[str, Any]:
        """For `--json`."""
        return self.model_dump(mode="json")


def note(what: str, *, server: str, by: str, freeze: str, clock: Clock = SYSTEM) -> Insistence:
    """Write it down, on the disk before this returns. Raises BadFile: then it must not be done."""
    done = Insistence(time=clock.wall(), by=by, what=what, server=server, freeze=freeze)
    file = _file()
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        with open(os.open(file, flags, 0o600), "wb") as opened:
            opened.write(done.model_dump_json().encode() + b"\n")
            opened.flush()
            os.fsync(opened.fileno())
    except OSError as error:
        raise BadFile(
            f"that --despite-freeze was typed cannot be noted in {file} ({error.strerror}), so nothing was touched; "
            "make room there, or: chaos thaw"
        ) from error
    return done


def since(moment: datetime | None) -> tuple[list[Insistence], list[str]]:
    """What was noted from `moment` on (None: ever), oldest first, and what of the file cannot be read."""
    file = _file()
    try:
        with open(os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as opened:
            lines = opened.read().splitlines()
    except FileNotFoundError:
        return [], []
    except OSError as error:
        return [], [f"what was done despite a freeze cannot be read from {file} ({error.strerror})"]
    found, problems = [], []
    for number, line in enumerate(lines, 1):
        try:
            found.append(Insistence.model_validate_json(line))
        except ValidationError:
            problems.append(f"line {number} of {file} cannot be read: half written, or by a newer chaostoolkit-ext")
    return [one for one in found if moment is None or one.time >= moment], problems


def _file() -> Path:
    return state_dir() / "despite-freeze.jsonl"
