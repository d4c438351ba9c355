"""Are the folders ours, closed to others, and writable, with room to write?"""

import shutil
import subprocess
import sys
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
    why = _refusal(folder)
    if why:
        yield Finding(_NAME, "wrong", f"{called} cannot be written: {why}", "no run may begin until it can")
        return
    free = shutil.disk_usage(folder).free
    if free < _ROOM:
        yield Finding(_NAME, "wrong", f"{called}: only {free >> 20} MiB are free", "make room")
    else:
        yield Finding(_NAME, "ok", f"{called} can be written")


def _refusal(folder: Path) -> str:
    """Why nothing can be written there; empty when it can. A process of its own asks: one that waits for a disk that
    hangs cannot be ended, and this one must be able to end.
    """
    asked = subprocess.Popen(
        [sys.executable, "-I", "-c", _WRITE, str(folder)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    try:
        said, _ = asked.communicate(timeout=_WITHIN)
    except subprocess.TimeoutExpired:
        asked.kill()
        return f"its disk does not answer within {_WITHIN:g} s"
    return said.strip()


_WRITE = """
import os, sys, tempfile
try:
    with tempfile.TemporaryFile(dir=sys.argv[1]) as file:
        file.write(b"x")
        file.flush()
        os.fsync(file.fileno())
except OSError as error:
    print(error.strerror)
"""
_WITHIN = 5.0
"""Seconds that a disk may take for one byte."""
