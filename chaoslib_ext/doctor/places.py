"""Are the folders ours, closed to others, and writable, with room to write?"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from chaoslib_ext.errors import ExtError
from chaoslib_ext.folders import journal_dir, state_dir

from .finding import Finding

__all__ = ["check"]

_NAME = "places"
_ROOM = 64 << 20
"""Bytes that should be free: a long run's record and its undo log need far less."""


def check() -> Iterator[Finding]:
    """The state folder and the journal folder."""
    try:
        state = state_dir()
    except ExtError as error:
        yield Finding(_NAME, "wrong", str(error))
    else:
        yield from _writable(state, f"the state folder {state}")
    journal = journal_dir()
    yield from _writable(journal if journal.exists() else _nearest(journal), f"the journal folder {journal}")


def _nearest(folder: Path) -> Path:
    return next(parent for parent in (folder, *folder.parents) if parent.exists())


def _writable(folder: Path, called: str) -> Iterator[Finding]:
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"x")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        yield Finding(_NAME, "wrong", f"{called} cannot be written: {error.strerror}", "no run may begin until it can")
        return
    free = shutil.disk_usage(folder).free
    if free < _ROOM:
        yield Finding(_NAME, "wrong", f"{called}: only {free >> 20} MiB are free", "make room")
    else:
        yield Finding(_NAME, "ok", f"{called} can be written")
