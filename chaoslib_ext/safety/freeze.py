"""The freeze: one file in the state folder that says "no fault, until somebody thaws", with who, when and why.

What cannot be read counts as a freeze: in an incident a doubt means closed. Undoing never asks here.
"""

import os
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError

from chaoslib_ext.clock import SYSTEM, Clock
from chaoslib_ext.durable import replaced, sync_folder
from chaoslib_ext.errors import BadFile
from chaoslib_ext.folders import state_dir
from chaoslib_ext.worker import Worker

__all__ = ["SCHEMA", "Freeze", "lift", "put", "read", "refusal"]

_DISK = Worker("freeze")
_WITHIN = 3.0
"""Seconds that its disk may take: what runs is stopped all the same."""

SCHEMA = 1
"""The version of the file; an unknown newer one is a freeze whose words cannot be read."""


def _has_zone(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError("a time without a zone")
    return value


_Moment = Annotated[datetime, AfterValidator(_has_zone)]


class Freeze(BaseModel):
    """No fault may go in from `since` until `until`, or until somebody thaws."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_version: Literal[1] = 1
    since: _Moment
    by: str
    why: str
    until: _Moment | None = None

    def holds(self, clock: Clock = SYSTEM) -> bool:
        """Is its end not reached yet?"""
        return self.until is None or clock.wall() < self.until

    @property
    def says(self) -> str:
        """Since when, by whom, until when and why, in words."""
        end = f", until {_shown(self.until)}" if self.until else ""
        return f"since {_shown(self.since)} by {self.by}{end}: {self.why}"


def read() -> Freeze | None:
    """The freeze that was put, over or not; None when there is none. Raises BadFile for one that cannot be read."""
    file = _file()
    try:
        with open(os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as opened:
            text = opened.read()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise BadFile(_unreadable(file, error.strerror or str(error))) from error
    try:
        return Freeze.model_validate_json(text)
    except ValidationError as error:
        raise BadFile(_unreadable(file, _wrong(error))) from error


def refusal(clock: Clock = SYSTEM) -> str | None:
    """Why no fault may go in now, and what to type; None when faults may. A file that cannot be read is a freeze."""
    try:
        found = read()
    except BadFile as error:
        return str(error)
    if found is None or not found.holds(clock):
        return None
    return f"everything is frozen {found.says}; to allow faults again: chaos thaw"


def put(why: str, by: str, until: datetime | None = None, clock: Clock = SYSTEM) -> tuple[Freeze, str | None]:
    """Freeze, durably: on the disk before this returns. Gives the freeze, and what of an earlier one it replaced.

    An earlier freeze is never shortened by a later one. Raises BadFile when it cannot be written: it is not
    frozen then.
    """
    before = None
    try:
        earlier = read()
        if earlier is not None and earlier.holds(clock):
            before = earlier.says
            until = max(until, earlier.until) if until and earlier.until else None
    except BadFile as error:
        before, until = str(error), None
    frozen = Freeze(since=clock.wall(), by=by, why=why, until=until)
    _write(frozen.model_dump_json(indent=1))
    return frozen, before


def lift(clock: Clock = SYSTEM) -> tuple[Freeze | None, bool]:
    """Thaw: faults may go in again. Gives the freeze that held (None when none did, or its file could not be read),
    and whether anything held. Raises BadFile when the file cannot be removed: then it stays frozen.
    """
    try:
        found = read()
        held = found is not None and found.holds(clock)
    except BadFile:
        found, held = None, True
    file = _file()
    try:
        file.unlink(missing_ok=True)
        sync_folder(file.parent)
    except OSError as error:
        raise BadFile(
            f"the freeze file {file} cannot be removed ({error.strerror}), so it stays frozen; free it, then: "
            "chaos thaw"
        ) from error
    return (found if held else None), held


def _file() -> Path:
    return state_dir() / "freeze.json"


def _unreadable(file: Path, why: str) -> str:
    return (
        f"the freeze file {file} cannot be read ({why}), which counts as frozen; look at it, then, if faults may go in "
        "again: chaos thaw"
    )


def _wrong(error: ValidationError) -> str:
    first = error.errors()[0]
    if first["loc"] == ("schema_version",):
        return f"it is of version {first['input']!r}, written by a newer chaostoolkit-ext; this one knows {SCHEMA}"
    return f"{'.'.join(map(str, first['loc'])) or 'the file'}: {first['msg']}"


def _shown(moment: datetime) -> str:
    local = moment.astimezone()
    return f"{local:%Y-%m-%d %H:%M:%S} {local:%Z}"


def _write(text: str) -> None:
    """There whole or not at all, also after a power cut."""
    file = _file()
    try:
        _DISK.do(lambda: replaced(file, text, 0o600), _WITHIN)
    except OSError as error:
        raise BadFile(
            f"the freeze file {file} cannot be written ({error.strerror}), so nothing is frozen; make room, or set "
            "CHAOS_STATE_DIR to the folder your runs use, if they use another"
        ) from error
