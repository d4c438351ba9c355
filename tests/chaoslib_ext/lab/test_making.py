import threading

import pytest

from chaoslib_ext.clock import SYSTEM
from chaoslib_ext.errors import LabError
from chaoslib_ext.lab.making import _all_at_once
from chaoslib_ext.lab.ports import Ports
from chaoslib_ext.lab.repair import reset
from chaoslib_ext.lab.starting import Starter, Stopped
from chaoslib_ext.lab.state import Book, LabState, lab_dir, read


@pytest.fixture
def starter() -> Starter:
    state = LabState(started=SYSTEM.wall(), secret="s", data=str(lab_dir() / "data"))
    return Starter(Book(state, lab_dir()), Ports(), SYSTEM, lambda _: None)


def test_what_answers_is_left_running(shared_lab: LabState) -> None:
    reset()
    after = read(lab_dir())
    assert after and after.processes == shared_lab.processes


def test_jobs_run_side_by_side(starter: Starter) -> None:
    met = threading.Barrier(3, timeout=10)
    _all_at_once(starter, [met.wait] * 3)


def test_the_first_that_fails_makes_the_others_give_up_and_is_the_one_told(starter: Starter) -> None:
    def fails() -> None:
        raise LabError("no disk left in the house")

    def waits() -> None:
        assert starter._stopped.wait(10), "nobody told it to stop"
        raise Stopped

    with pytest.raises(LabError, match="no disk left"):
        _all_at_once(starter, [waits, fails, waits])
