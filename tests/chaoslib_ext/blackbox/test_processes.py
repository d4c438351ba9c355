import os

import psutil
import pytest

from chaoslib_ext.blackbox import processes
from chaoslib_ext.blackbox.processes import Wanted
from chaoslib_ext.clock import FakeClock
from chaoslib_ext.errors import ProbeError


def test_by_its_number_this_process_is_found_and_by_its_words_it_is_not() -> None:
    this = psutil.Process()
    assert [one.pid for one in processes.found(Wanted(pid=os.getpid()))] == [this.pid]
    assert this.pid not in {one.pid for one in processes.found(Wanted(name=this.name()))}


def test_one_that_may_not_be_looked_at_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def deny(_: psutil.Process) -> float:
        raise psutil.AccessDenied

    with pytest.raises(ProbeError, match="may not be looked at by this user"):
        processes.total(Wanted(pid=os.getpid()), deny)


def test_the_processor_is_reckoned_on_the_clock_that_was_handed_in() -> None:
    """No second passes, so whatever is used is a share of ten."""
    assert 0 <= processes.cpu_percent(Wanted(pid=os.getpid()), 10, clock=FakeClock()) < 100


def test_wanted_in_words() -> None:
    assert str(Wanted(pid=7)) == "process 7"
    assert str(Wanted(cmdline="shop")) == "cmdline 'shop'"
