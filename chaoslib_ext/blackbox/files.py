"""Looks at files of this machine: are they there, how large, how old, and which of their lines match. Changes none.

A file is never read whole into memory, and a huge log only as far back as was asked for.
"""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path

from chaoslib_ext.clock import SYSTEM, Clock
from chaoslib_ext.errors import BadInput, NoAnswer, ProbeError

from .arguments import text, whole
from .bounded import bounded
from .lines import backwards, forwards
from .moments import written_at
from .patterns import Pattern

__all__ = ["Lines", "count", "looked_up"]


def looked_up(path: str, timeout: float) -> os.stat_result | None:
    """What the file system says of a path, links followed; None when nothing is there. Raises ProbeError.

    A disk on the network may be silent: NoAnswer when nothing came in that many seconds.
    """
    named = text("path", path, "/var/log/shop.log")
    return bounded(lambda: _stat(named), timeout, f"{named}: the file system did not answer in {timeout:g} s")


def _stat(path: str) -> os.stat_result | None:
    try:
        return os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise ProbeError(f"{path} cannot be looked at: {error.strerror}; run as a user who may") from None


@dataclass(frozen=True)
class Lines:
    """Which lines of which file: those that match (all without a pattern), in all of it, since a moment, or in its end.

    Raises BadInput.
    """

    path: str
    pattern: str | None
    since: datetime | None
    last_lines: int | None

    def __post_init__(self) -> None:
        text("path", self.path, "/var/log/shop.log")
        if self.since is not None and self.last_lines is not None:
            raise BadInput("give since or last_lines, not both")
        if self.last_lines is not None:
            whole("last_lines", self.last_lines, 1, 1_000_000_000)


def count(wanted: Lines, timeout: float, *, enough: int | None = None, clock: Clock = SYSTEM) -> int:
    """How many lines there are, counted no further than `enough`.

    Raises ProbeError when the file cannot be read or, with `since`, says nowhere when its lines were written; NoAnswer
    when counting takes more than that many seconds.
    """
    pattern = Pattern(wanted.pattern, timeout) if wanted.pattern is not None else None
    counting = _Counting(wanted, pattern, timeout, clock.monotonic() + timeout, clock)
    return bounded(lambda: counting.count(enough), timeout + 0.5, counting.late, clock=clock)


@dataclass(frozen=True)
class _Counting:
    wanted: Lines
    pattern: Pattern | None
    timeout: float
    until: float
    clock: Clock

    @property
    def late(self) -> str:
        return (
            f"{self.wanted.path}: not counted in {self.timeout:g} s; ask for less of it with since or last_lines, "
            "or give `timeout` longer"
        )

    def count(self, enough: int | None) -> int:
        seen = 0
        for hits in self._hits():
            seen += hits
            if enough is not None and seen >= enough:
                break
            if self.clock.monotonic() > self.until:
                raise NoAnswer(self.late)
        return seen

    def _hits(self) -> Iterator[int]:
        path = Path(self.wanted.path)
        found = _stat(str(path))
        if found is None or not stat.S_ISREG(found.st_mode):
            raise ProbeError(f"{path} is {'not there' if found is None else 'no file'}; is the path right?")
        try:
            with path.open("rb") as file:
                if self.wanted.since is not None:
                    yield from self._since(backwards(file), self.wanted.since)
                elif self.wanted.last_lines is not None:
                    yield from map(self._fits, islice(backwards(file), self.wanted.last_lines))
                else:
                    yield from map(self._fits, forwards(file))
        except OSError as error:
            raise ProbeError(f"{path} cannot be read: {error.strerror}; run as a user who may") from None

    def _since(self, lines: Iterator[str], since: datetime) -> Iterator[int]:
        """From the end back to the first line before `since`. A line without a time goes with the one above it."""
        waiting, dated, any_line = 0, False, False
        for line in lines:
            any_line = True
            at = written_at(line)
            if at is not None and at < since:
                return
            waiting += self._fits(line)
            dated = dated or at is not None
            yield waiting if at is not None else 0
            waiting = 0 if at is not None else waiting
        if any_line and not dated:
            raise ProbeError(
                f"{self.wanted.path}: none of its lines says when it was written (known: 2026-11-22T03:00:00Z and the "
                "like, and the form of web servers); ask with last_lines"
            )
        yield waiting

    def _fits(self, line: str) -> int:
        return int(self.pattern is None or self.pattern.search(line) is not None)
