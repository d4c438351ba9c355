"""What the lab remembers in `lab.json`: written before each process is started, so that a crash can be cleaned up.

A process is known by (pid, creation time), never by its pid alone; one that was started but not yet written down is
found by the mark that every process of a lab carries in its environment.
"""

import json
import threading
from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from chaoslib_ext.durable import replaced
from chaoslib_ext.errors import LabError
from chaoslib_ext.folders import state_dir

__all__ = ["MARK", "Book", "LabState", "ProcessState", "lab_dir", "read"]

MARK = "CHAOS_LAB"
"""The environment variable that every process of a lab carries; its value is the lab's folder."""


_ELSEWHERE = "free some space there, or set CHAOS_STATE_DIR to another folder"


class ProcessState(BaseModel):
    """One process; `pid` is None between the decision to start it and its start."""

    model_config = ConfigDict(frozen=True)

    port: int
    pid: int | None = None
    create_time: float | None = None


class LabState(BaseModel):
    """The whole lab; `phase` is `starting` until everything answered once."""

    model_config = ConfigDict(frozen=True)

    schema_version: Literal[1] = 1
    started: datetime
    phase: Literal["starting", "up"] = "starting"
    secret: str
    data: str
    server: str | None = None
    links: dict[str, str] = {}
    processes: dict[str, ProcessState] = {}


class Book:
    """The state of a lab that is being changed: each change is on disk before it counts. Safe for several threads."""

    def __init__(self, state: LabState, folder: Path) -> None:
        self.folder = folder
        self._state = state
        self._lock = threading.RLock()
        try:
            (folder / "logs").mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise LabError(f"cannot make {folder / 'logs'}: {error.strerror}; {_ELSEWHERE}") from error
        self._write(state)

    @property
    def state(self) -> LabState:
        """As it stands now."""
        return self._state

    def note(self, **changes: object) -> None:
        """Change fields of the state."""
        with self._lock:
            self._write(self._state.model_copy(update=changes))

    def note_process(self, name: str, process: ProcessState) -> None:
        """Write down a process: before its start without a pid, after it with one."""
        with self._lock:
            self.note(processes={**self._state.processes, name: process})

    def _write(self, state: LabState) -> None:
        where = self.folder / "lab.json"
        try:
            replaced(where, state.model_dump_json(indent=2), 0o600)
        except OSError as error:
            raise LabError(f"cannot write the lab's state {where}: {error.strerror}; {_ELSEWHERE}") from error
        self._state = state


def lab_dir() -> Path:
    """The lab's folder in the state folder; only `up` makes it. Raises BadInput when the state folder can't be made."""
    return state_dir() / "lab"


def read(folder: Path) -> LabState | None:
    """The state on disk; None when there is no lab. Raises LabError when the file is of another version or broken."""
    file = folder / "lab.json"
    try:
        return LabState.model_validate(json.loads(file.read_text()))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, ValidationError) as error:
        reason = _wrong(error) if isinstance(error, ValidationError) else f"{error};"
        raise LabError(f"cannot use the lab's state {file}: {reason} clean up with: chaos lab purge") from error


def _wrong(error: ValidationError) -> str:
    first = error.errors()[0]
    if first["loc"] == ("schema_version",):
        return f"it is of version {first['input']!r}, of another chaostoolkit-ext (this one knows 1); with that one, or"
    return f"{first['msg']};"
