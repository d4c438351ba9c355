"""The undo of what only an experiment's own rollbacks can take back: play them.

Each is tried once. One that fails is not tried again, for nobody knows whether it may be: it is said, loudly, with
what it said, and the rest is a person's. Only one in whose middle its process was killed is begun a second time.
"""

import os
import signal
import subprocess
import sys
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from chaoslib_ext.errors import UndoError, UndoGivenUp
from chaoslib_ext.folders import state_dir
from chaoslib_ext.undo.log import DISK, WITHIN

from . import kept as on_disk
from .kept import UNTOLD, Kept

__all__ = ["LONGEST", "UNDOERS", "PlayRollbacks", "PlayRollbacksArgs"]

LONGEST = 300.0
"""Seconds that all of a run's rollbacks may take together."""


class PlayRollbacksArgs(BaseModel):
    """Whose rollbacks."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    run: str = Field(pattern=r"^[0-9a-zA-Z_-]+$")


class PlayRollbacks:
    """Play what nobody has played yet, in a process of its own."""

    def __init__(self, longest: float = LONGEST) -> None:
        self._longest = longest

    def undo(self, args: dict[str, Any]) -> Literal["undone", "already gone"]:
        """Raises UndoGivenUp when one failed, UndoError when they could not be played at all."""
        run = self._asked(args).run
        kept = read(run)
        if kept is None:
            wipe(run)  # of what was never kept to the end, or not yet wiped to the end
            return "already gone"
        if kept.pending:
            self._play(run)
            kept = read(run) or kept
        if kept.pending:
            raise UndoError(f"the rollbacks of run {run} ended in the middle; see {_notes()}")
        wipe(run)
        if kept.failed:
            said = "; ".join(f'"{name}": {why}' for name, why in kept.failed)
            raise UndoGivenUp(f"rollbacks of the experiment failed, and are not tried again: {said}")
        return "undone"

    def verify(self, args: dict[str, Any]) -> bool:
        """Are none left to be played?"""
        return read(self._asked(args).run) is None

    def subject(self, args: dict[str, Any]) -> str | None:
        """Nobody knows what they put back."""
        return None

    def _asked(self, args: dict[str, Any]) -> PlayRollbacksArgs:
        try:
            return PlayRollbacksArgs.model_validate(args)
        except ValidationError as error:
            raise UndoError(f"the undo record {args!r} cannot be used, nothing was played") from error

    def _play(self, run: str) -> None:
        with DISK.do(lambda: open(_notes(), "ab"), WITHIN) as notes:
            process = subprocess.Popen(
                [sys.executable, "-m", "chaoslib_ext.guests.play", run],
                stdin=subprocess.DEVNULL,
                stdout=notes,
                stderr=notes,
                cwd="/",
                start_new_session=True,
            )
        try:
            code = process.wait(self._longest)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            wipe(run)
            raise UndoGivenUp(
                f"the experiment's own rollbacks took longer than {self._longest:g} s and were stopped; look at what "
                "they should have done, and do the rest by hand"
            ) from None
        if code == UNTOLD:
            wipe(run)
            raise UndoGivenUp(
                "the experiment's own rollbacks were played once, but what came of them could not be written; look at "
                f"what they should have done (their words are in {_notes()}), and do the rest by hand"
            )


def read(run: str) -> Kept | None:
    """What is kept of the run, from a disk that may hang. Raises UndoError, TimeoutError."""
    return DISK.do(lambda: on_disk.read(run), WITHIN)


def wipe(run: str) -> None:
    """Remove it, likewise."""
    DISK.do(lambda: on_disk.wipe(run), WITHIN)


def _notes() -> str:
    return str(state_dir() / "rollbacks.log")


UNDOERS = {"play_rollbacks": PlayRollbacks()}
"""Every operation an undo record of this driver may name."""
