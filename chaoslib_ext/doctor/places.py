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
        yield from _of_state(state)
    journal = journal_dir()
    yield from _writable(journal if journal.exists() else _nearest(journal), f"the journal folder {journal}")


def _of_state(state: Path) -> Iterator[Finding]:
    found = state.lstat()
    if state.is_symlink() or found.st_uid != os.getuid():
        says = f"the state folder {state} is {'a link' if state.is_symlink() else 'of another user'}"
        yield Finding(_NAME, "wrong", says, "set CHAOS_STATE_DIR to a folder of your own")
    elif found.st_mode & 0o077:
        says = f"the state folder {state} is open to others (mode {found.st_mode & 0o777:o})"
        yield Finding(_NAME, "wrong", says, f"chmod 700 {state}")
    yield from _writable(state, f"the state folder {state}")


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
