"""Files and logs of this machine: are they there, how large, how old, which lines are in them. Reads only.

All take `path`. Lines are asked for in all of the file, `since` a moment (`5m` ago, `2026-11-22T03:00:00Z`, or `run`:
since this run began), or in its `last_lines`; `pattern` is a regular expression. With `since`, lines must say when they
were written (ISO 8601, or the form of web servers), a line that does not goes with the one above it, and what was
rotated away is not seen. No file is read into memory whole. `timeout` bounds the whole probe.
"""

import os
from datetime import datetime

from chaoslib_ext.blackbox import files
from chaoslib_ext.blackbox.arguments import seconds
from chaoslib_ext.blackbox.moments import since_moment
from chaoslib_ext.clock import SYSTEM
from chaoslib_ext.errors import ProbeError
from chaoslib_ext.faults.began import run_began

__all__ = ["age_s", "contains", "exists", "line_count", "size_bytes"]


def exists(path: str, *, timeout: str = "5s") -> bool:
    """Is there a file or a folder? Raises ProbeError where this user may not look."""
    return files.looked_up(path, seconds("timeout", timeout)) is not None


def size_bytes(path: str, *, timeout: str = "5s") -> int:
    """The size of a file. Raises ProbeError when it is not there."""
    limit = seconds("timeout", timeout)
    return _there(path, files.looked_up(path, limit)).st_size


def age_s(path: str, *, timeout: str = "5s") -> float:
    """Seconds since it was last written to. Raises ProbeError when it is not there."""
    limit = seconds("timeout", timeout)
    written = _there(path, files.looked_up(path, limit)).st_mtime
    return round(SYSTEM.wall().timestamp() - written, 3)


def contains(
    path: str, pattern: str, since: str | None = None, last_lines: int | None = None, *, timeout: str = "30s"
) -> bool:
    """Does a line match? Raises ProbeError when the file is not there."""
    limit = seconds("timeout", timeout)
    return files.count(_lines(path, pattern, since, last_lines), limit, enough=1) > 0


def line_count(
    path: str,
    pattern: str | None = None,
    since: str | None = None,
    last_lines: int | None = None,
    *,
    timeout: str = "30s",
) -> int:
    """How many lines match; without a pattern, how many there are. Raises ProbeError when the file is not there."""
    limit = seconds("timeout", timeout)
    return files.count(_lines(path, pattern, since, last_lines), limit)


def _there(path: str, found: os.stat_result | None) -> os.stat_result:
    if found is None:
        raise ProbeError(f"{path} is not there; is the path right? (probes.files.exists asks just that)")
    return found


def _lines(path: str, pattern: str | None, since: str | None, last_lines: int | None) -> files.Lines:
    return files.Lines(path, pattern, _moment(since), last_lines)


def _moment(since: str | None) -> datetime | None:
    if since is None:
        return None
    return run_began() if since == "run" else since_moment("since", since, SYSTEM)
