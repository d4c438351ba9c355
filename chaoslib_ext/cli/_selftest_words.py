"""What `chaos selftest` says: how far it is, the tables, and what was left with the command that does it again."""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ._say import say, say_made
from ._table import print_table

if TYPE_CHECKING:
    from chaoslib_ext.selftest.case import Case, Outcome
    from chaoslib_ext.selftest.summary import Row, Summary, Times

__all__ = ["Words", "print_summary", "say_cases"]

_EVERY = 100
"""Runs between two lines where there is no terminal."""


class Words:
    """What is said while it runs, on stderr: a bar on a terminal, a line now and then anywhere else."""

    def __init__(self, seed: str, is_quiet: bool) -> None:
        self._seed = seed
        self._is_quiet = is_quiet
        self._is_terminal = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
        self._all = self._done = self._left = 0

    def cases(self, cases: "Sequence[Case]") -> None:
        """These come next."""
        self._all, self._done = len(cases), 0
        if self._is_quiet:
            return
        if any(case.point or case.kill for case in cases):
            points = len({(case.scenario.name, case.point) for case in cases if case.point})
            kills = sum(case.kill is not None for case in cases)
            say(f"Seed {self._seed}: {self._all} runs, ended at {points} points and by {kills} random kills", err=True)
        else:
            say(f"Finding the points: {self._all} runs", err=True)

    def outcome(self, outcome: "Outcome") -> None:
        """One of them is done."""
        self._done += 1
        self._left += bool(outcome.left)
        if self._is_quiet:
            return
        if outcome.left:
            self._clear()
            say(f"✗ {outcome.case.id}: {'; '.join(outcome.left)}", err=True)
        if self._is_terminal:
            say_made(f"\r{self._so_far()} ", err=True)
        elif self._done % _EVERY == 0:
            say(self._so_far(), err=True)
        if self._done == self._all:
            self._clear()

    def broken_off(self) -> None:
        """It comes to no end."""
        if not self._is_quiet:
            self._clear()
            say(f"Broken off (seed {self._seed}). So far: {self._so_far()}", err=True)

    def _so_far(self) -> str:
        left = f"{self._left} left something" if self._left else "nothing left"
        return f"{self._done} of {self._all} runs, {left}"

    def _clear(self) -> None:
        if self._is_terminal:
            say_made(f"\r{' ' * 60}\r", err=True)


@contextmanager
def say_cases(seed: str, is_quiet: bool) -> Iterator[Words]:
    """While it runs; when it is broken off, with what was done so far."""
    words = Words(seed, is_quiet)
    try:
        yield words
    except (KeyboardInterrupt, SystemExit):
        words.broken_off()
        raise


def print_summary(found: "Summary", seed: str) -> None:
    """The tables, then one line to go away with; what was left comes last, where one looks first."""
    from chaoslib_ext.selftest.endings import ENDINGS

    if rows := found.endings():
        names = [one.name for one in ENDINGS]
        head = ["ENDED IN", "POINTS", *(one.short for one in ENDINGS), "P50", "P99", "MAX"]
        print_table(
            head,
            [[row.where, str(row.points), *(_cell(row, one) for one in names), *_times(row.times)] for row in rows],
        )
        say()
    if rows := found.others():
        print_table(
            ["DONE TO IT", "RUNS", "P50", "P99", "MAX"],
            [[row.where, _cell(row, "runs"), *_times(row.times)] for row in rows],
        )
        say()
    _print_verdict(found, seed)


def _print_verdict(found: "Summary", seed: str) -> None:
    count = len(found.outcomes)
    if found.is_clean:
        say(f"CLEAN  {count} runs, ended at {found.points} points (seed {seed}): nothing was left")
    else:
        say(f"LEFT  {len(found.failures)} of {count} runs left something (seed {seed})")
    times = found.times
    if times.most is not None:
        p50, p99, most = _times(times)
        say(f"       Termination to clean state: p50 {p50}, p99 {p99}, max {most}")
        say("       (not counted: runs that hang, rollbacks of other packages, runs that waited for a command)")
    if found.missed:
        say(f"       {len(found.missed)} runs did not come by their point, and were looked at all the same")
    for one in found.failures:
        say(f"✗ {one.case.id}")
        for what in one.left:
            say(f"    {what}")
        say(f"    again: {one.repeat}")


def _cell(row: "Row", name: str) -> str:
    clean, count = row.cells.get(name, (0, 0))
    if not count:
        return "-"
    return f"✓ {count}" if clean == count else f"✗ {count - clean} of {count}"


def _times(times: "Times") -> list[str]:
    return ["-" if one is None else f"{one:.2f} s" for one in (times.p50, times.p99, times.most)]
