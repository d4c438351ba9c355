"""What the selftest says while it runs and in the end."""

import pytest

from chaoslib_ext.cli._selftest_words import Words, print_summary
from chaoslib_ext.selftest import endings
from chaoslib_ext.selftest.case import Case, Kill, Outcome
from chaoslib_ext.selftest.point import Point
from chaoslib_ext.selftest.scenarios import RUN
from chaoslib_ext.selftest.summary import Summary

POINT = Point("runner", "fsync", "undo/log.py:f", 1)
GOOD = Outcome(Case(RUN, POINT, "before", endings.KILL), (), 0.25)
BAD = Outcome(Case(RUN, POINT, "after", endings.KILL), ("toxic cx-1 is still on web",), 0.5)
KILLED = Outcome(Case(RUN, kill=Kill("s-1", "group", 0.5)), (), 0.1)


def test_clean(capsys: pytest.CaptureFixture[str]) -> None:
    print_summary(Summary((GOOD, KILLED)), "s")
    said = capsys.readouterr().out
    assert "runner: undo, fsync\t1\t✓ 1\t-\t-\t-\t-\t0.25 s\t0.25 s\t0.25 s" in said
    assert "killed at random: its process group\t✓ 1\t0.10 s" in said
    assert "CLEAN  2 runs, ended at 1 points (seed s): nothing was left" in said
    assert "p50 0.10 s, p99 0.25 s, max 0.25 s" in said


def test_left(capsys: pytest.CaptureFixture[str]) -> None:
    print_summary(Summary((GOOD, BAD)), "s")
    said = capsys.readouterr().out
    assert "\t✗ 1 of 2\t" in said and "LEFT  1 of 2 runs left something (seed s)" in said
    assert said.rstrip().endswith("again: chaos selftest --case 'run: runner fsync undo/log.py:f #1 after: SIGKILL'")
    assert "    toxic cx-1 is still on web" in said


def test_while_it_runs_the_seed_comes_first_and_a_failure_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    words = Words("s", is_quiet=False)
    words.cases([GOOD.case, BAD.case, KILLED.case])
    words.outcome(BAD)
    first, second = capsys.readouterr().err.splitlines()
    assert first == "Seed s: 3 runs, ended at 1 points and by 1 random kills"
    assert second == f"✗ {BAD.case.id}: toxic cx-1 is still on web"


def test_for_json_it_is_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    words = Words("s", is_quiet=True)
    words.cases([GOOD.case])
    words.outcome(BAD)
    assert capsys.readouterr() == ("", "")
