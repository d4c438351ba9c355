"""Which runs were begun in a journal folder, in their order, whatever the wall clock said meanwhile.

`begun.jsonl` in the journal folder: one line when a run is asked for, one with its record's folder once that is made.
So a run that never got a record is known too. It is no part of any record: without it, records sort by their names.
"""

import json
import os
import re
from contextlib import suppress
from pathlib import Path
from typing import Any

from chaoslib_ext.clean_text import one_line
from chaoslib_ext.clock import new_id
from chaoslib_ext.errors import BadInput
from chaoslib_ext.folders import journal_dir, runs_dir, state_dir
from chaoslib_ext.whole_file import read_up_to

__all__ = ["BEGUN", "ask", "made", "never_begun", "order"]

BEGUN = "begun.jsonl"
_SCHEMA = 1
_MOST = 64_000_000

_asked: list[str] = []  # the run that this process was asked for, until it has its record


def ask(source: str | None, *, anew: bool = False) -> None:
    """Note that a run of `source` is asked for, once until it has its record; `anew`: it is another run.

    Where the journal folder cannot be written, the state folder holds it: no run can begin there meanwhile. Raises
    OSError or BadInput when neither can.
    """
    if _asked and not anew:
        return
    _asked[:] = [new_id()]
    line = {"asked": _asked[0], "source": _told(source)}
    try:
        runs_dir()
        _append(journal_dir() / BEGUN, line)
    except (OSError, BadInput):
        _append(state_dir() / BEGUN, {**line, "journal": str(journal_dir())})


def made(folder: Path) -> None:
    """Note that the run has its record. Raises OSError; then the name of the record tells its place."""
    line = {"record": folder.name, **({"asked": _asked.pop()} if _asked else {})}
    _append(journal_dir() / BEGUN, line)
    with suppress(OSError, BadInput):
        (state_dir() / BEGUN).unlink(missing_ok=True)


def order() -> list[str]:
    """The names of the records' folders as they were begun, the oldest first."""
    return [entry["record"] for entry in _entries() if entry.get("record")]


def never_begun() -> str | None:
    """The source of the last run that was asked for, if it got no record; None where the last one has one."""
    last = _last_elsewhere() or next(reversed(_entries()), {})
    return str(last.get("source") or "?") if last and not last.get("record") else None


def _last_elsewhere() -> dict[str, Any] | None:
    try:
        lines = _lines(state_dir() / BEGUN)
    except BadInput:  # a state folder that cannot be trusted says nothing
        return None
    return next((line for line in reversed(lines) if line.get("journal") == str(journal_dir())), None)


def _entries() -> list[dict[str, Any]]:
    """One for each run that was asked for or has a record, in the order in which they were first heard of."""
    found: dict[str, dict[str, Any]] = {}
    for line in _lines(journal_dir() / BEGUN):
        key = str(line.get("asked") or line.get("record"))
        found[key] = {**found.get(key, {}), **line}
    return list(found.values())


def _lines(file: Path) -> list[dict[str, Any]]:
    try:
        text = read_up_to(file, _MOST).decode("utf-8", "replace")
    except OSError:
        return []
    return [line for line in map(_parsed, text.splitlines()) if line]


def _parsed(text: str) -> dict[str, Any] | None:
    try:
        line = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(line, dict) or line.get("schema_version") != _SCHEMA:
        return None  # a newer version's; without it the names tell the order
    return line if all(isinstance(line.get(key, ""), str) for key in ("asked", "record", "source")) else None


def _append(file: Path, line: dict[str, Any]) -> None:
    handle = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NONBLOCK | os.O_CLOEXEC, 0o600)
    try:
        os.write(handle, (json.dumps({"schema_version": _SCHEMA, **line}) + "\n").encode())
    finally:
        os.close(handle)


def _told(source: str | None) -> str:
    """In one line, and a URL without what may be a secret in it."""
    text = one_line(source or "")
    return re.sub(r"(?<=//)[^/@]*@|\?.*", "", text) if "://" in text else text
