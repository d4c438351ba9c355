"""A course carries out its cases side by side, and leaves neither process nor folder, also when it is broken off."""

from pathlib import Path

import psutil
import pytest

from chaoslib_ext.errors import BadInput
from chaoslib_ext.selftest.case import Case, case_of
from chaoslib_ext.selftest.course import Course
from chaoslib_ext.selftest.scenarios import DOOR

AT = "runner http faults/toxic.py:Toxic.apply #1 after"


def of_course(course: Course) -> list[int]:
    """Processes that have to do with its folder."""
    mark = str(course._folder)
    found = []
    for process in psutil.process_iter():
        try:
            if mark in " ".join(process.cmdline()) or mark in " ".join(process.environ().values()):
                found.append(process.pid)
        except psutil.Error:
            continue
    return found


def test_every_case_has_its_outcome_and_what_left_something_is_kept(tmp_path: Path) -> None:
    cases = [case_of(f"run: {AT}: SIGKILL"), case_of(f"run: {AT}: SIGTERM"), Case(DOOR)]
    with Course(jobs=2, within=30.0, keep=tmp_path) as course:
        assert len(of_course(course)) >= 2
        assert {one.case for one in course.outcomes(cases)} == set(cases)
        assert not list(tmp_path.iterdir())
    with Course(jobs=1, within=0.0, keep=tmp_path) as late:
        (outcome,) = late.outcomes(cases[:1])
    assert outcome.left and [(one / "told").exists() for one in tmp_path.iterdir()] == [True]
    for one in (course, late):
        assert not of_course(one) and not one._folder.exists()


def test_broken_off_it_leaves_nothing() -> None:
    with pytest.raises(KeyboardInterrupt), Course(jobs=2, within=30.0) as course:
        for _ in course.outcomes([case_of(f"run: {AT}: SIGKILL") for _ in range(20)]):
            raise KeyboardInterrupt
    assert not of_course(course) and not course._folder.exists()


def test_without_a_go_server_it_does_not_begin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOXIPROXY_SERVER_BIN", "/nonexistent")
    with pytest.raises(BadInput, match="TOXIPROXY_SERVER_BIN"), Course("go"):
        pass
