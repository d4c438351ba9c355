"""One case, for real: what is left is seen, whatever it is, and the scene is mended for the next."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from chaoslib_ext.selftest import endings
from chaoslib_ext.selftest.case import Case, Kill, Outcome, case_of
from chaoslib_ext.selftest.scenarios import RUN, Scenario
from chaoslib_ext.selftest.scene import Scene
from chaoslib_ext.selftest.trial import carried_out

pytestmark = pytest.mark.joins("selftest", "proxy")

PATIENT = 30.0
"""Seconds: a machine may be busy."""
AT = "runner http faults/toxic.py:Toxic.apply #1 after"


def done(id: str, at: Scene, folder: Path, within: float = PATIENT) -> Outcome:
    return carried_out(case_of(id), at, folder, within=within)


def test_a_trace_finds_points_and_is_clean(at: Scene, folder: Path) -> None:
    outcome = done("run: trace", at, folder)
    assert not outcome.left and outcome.exit_code == 0, outcome.said
    assert {"fsync", "rename", "http", "signal"} == {point.kind for point in outcome.points}
    assert {"runner", "watchdog"} == {point.role for point in outcome.points}
    assert outcome.points[0].seconds == 0 < outcome.points[-1].seconds


@pytest.mark.parametrize("name", [one.name for one in endings.ENDINGS])
def test_ended_with_a_fault_in_nothing_is_left(name: str, at: Scene, folder: Path) -> None:
    outcome = done(f"run: {AT}: {name}", at, folder)
    assert not outcome.left and outcome.was_reached and outcome.exit_code != 0
    assert outcome.by_command == (name == "SIGKILL both")


@pytest.mark.parametrize("name", [one.name for one in endings.DISTURBANCES])
def test_whatever_goes_wrong_around_it(name: str, at: Scene, folder: Path) -> None:
    outcome = done(f"run: {AT}: {name}", at, folder)
    assert not outcome.left and outcome.was_reached, outcome.said


def test_a_kill_at_random(at: Scene, folder: Path) -> None:
    outcome = carried_out(Case(RUN, kill=Kill("x", "run", 0.5)), at, folder, span=1.0, within=PATIENT)
    assert not outcome.left and outcome.was_reached and outcome.exit_code == -9


def test_a_point_that_it_does_not_come_by_is_said(at: Scene, folder: Path) -> None:
    outcome = done("run: runner fsync undo/log.py:nowhere #1 before: SIGKILL", at, folder)
    assert not outcome.was_reached and outcome.exit_code == 0


def test_too_late_is_left_too(at: Scene, folder: Path) -> None:
    outcome = done(f"run: {AT}: SIGKILL", at, folder, within=0.0)
    assert any("clean only after" in one for one in outcome.left)


@dataclass(frozen=True)
class Bad(Scenario):
    """A run that is not ours and does wrong."""

    code: str = ""

    def command(self, folder: Path) -> Sequence[str]:
        """That code, with a client of the server."""
        head = "import os, subprocess, sys; from chaoslib_ext.proxy.client import Client\n"
        return [sys.executable, "-c", f"{head}client = Client(os.environ['TOXIPROXY_URL'])\n{self.code}"]


BREAKS_ITS_RECORD = """
from chaoslib_ext.record.record import Record
record = Record.create('x')
record.append('run.started', {'journal': {}})
open(record.folder / 'events.jsonl', 'a').write('nonsense\\n')
"""


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("client.add_toxic('web', 'noop', name='cx-1-noop')", "toxic cx-1-noop is still on web"),
        ("client.remove_toxic('web', 'someone-elses')", "of somebody else is gone"),
        ("client.update('closed', enabled=True)", "somebody had disabled it"),
        (BREAKS_ITS_RECORD, "is broken"),
    ],
)  # fmt: skip
def test_a_run_that_leaves_something_is_found_out_and_the_scene_is_mended(
    code: str, says: str, at: Scene, folder: Path
) -> None:
    outcome = carried_out(Case(Bad("bad", "", code=code)), at, folder)
    assert any(says in one for one in outcome.left), outcome
    assert at.wrong() == []


def test_told_to_break_off_it_ends_what_runs(at: Scene, folder: Path) -> None:
    outcome = carried_out(Case(Bad("bad", "", code="import time; time.sleep(60)")), at, folder, is_off=lambda: True)
    assert outcome.took < 30


def test_a_command_that_leaves_it_to_a_stopped_watchdog_is_found_out(
    at: Scene, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chaoslib_ext.selftest.trial._Trial._run", lambda self, words: None)
    outcome = done(f"run: {AT}: watchdog is stopped, run is killed", at, folder)
    assert "`chaos live` left it to a watchdog that was stopped" in outcome.left
