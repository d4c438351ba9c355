"""A watchdog that was stopped is named, with what lets it go on where that can be typed."""

import os
import signal
from collections.abc import Iterator

import pytest

from chaoslib_ext.doctor import watchdogs
from chaoslib_ext.faults.standby import Standby
from chaoslib_ext.processes import is_stopped
from chaoslib_ext.undo.log import UndoLog
from chaoslib_ext.undo.presence import WATCHDOG, is_silent


@pytest.fixture
def standby() -> Iterator[Standby]:
    """The watchdog of a run of this process, without a keeper that would replace it."""
    log = UndoLog.create("a1")
    it = Standby(log)
    it.be_ready()
    yield it
    it.kill()
    it.wait()
    log.leave()


def stop(standby: Standby) -> None:
    os.kill(standby.pid, signal.SIGSTOP)
    while not is_stopped(standby.pid):
        pass


def test_one_that_goes_on_is_nothing_to_say(standby: Standby) -> None:
    assert list(watchdogs.check()) == []


def test_one_that_was_stopped_is_named_with_what_lets_it_go_on(standby: Standby) -> None:
    stop(standby)
    (one,) = watchdogs.check()
    assert f"run a1 (process {standby.pid}) was stopped" in one.says and one.fix == f"kill -CONT {standby.pid}"


def test_no_number_is_offered_that_is_no_process_here(standby: Standby, monkeypatch: pytest.MonkeyPatch) -> None:
    stop(standby)
    monkeypatch.setattr(watchdogs, "processes_of", lambda log: [])
    while not is_silent(watchdogs.logs()[0].path, WATCHDOG):
        pass
    (one,) = watchdogs.check()
    assert "in another container of this machine" in one.says and str(standby.pid) not in one.says + one.fix
