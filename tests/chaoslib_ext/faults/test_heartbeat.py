"""The runner's signs of life."""

import threading

import pytest

from chaoslib_ext.clock import SYSTEM
from chaoslib_ext.errors import UndoError
from chaoslib_ext.faults.heartbeat import Heartbeat


def test_it_beats_until_it_is_stopped() -> None:
    beats: list[float] = []
    enough = threading.Event()

    def beat() -> None:
        beats.append(SYSTEM.monotonic())
        if len(beats) == 4:
            enough.set()

    heart = Heartbeat(0.08, beat, lambda: False, lambda: None)
    assert enough.wait(10)
    heart.stop()


def test_one_that_has_lapsed_is_told_so_once_and_falls_silent() -> None:
    told, beats = threading.Event(), []
    calls: list[bool] = []

    def on_lapse() -> None:
        calls.append(True)
        told.set()

    Heartbeat(0.04, lambda: beats.append(1), lambda: True, on_lapse)
    assert told.wait(10)
    SYSTEM.sleep(0.1)
    assert calls == [True] and len(beats) == 1


def test_a_log_that_cannot_be_read_ends_no_heart() -> None:
    reads: list[int] = []
    again = threading.Event()

    def has_lapsed() -> bool:
        reads.append(1)
        if len(reads) > 2:
            again.set()
        raise UndoError("cannot read it")

    heart = Heartbeat(0.04, lambda: None, has_lapsed, lambda: None)
    assert again.wait(10)
    heart.stop()


def test_a_main_thread_that_does_not_take_its_signals_is_told_of_once(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[int] = []
    looked = threading.Semaphore(0)

    def waits() -> bool:
        looked.release()
        return True

    monkeypatch.setattr("chaoslib_ext.faults.heartbeat._TICK", 0.01)
    monkeypatch.setattr("chaoslib_ext.faults.heartbeat.is_waiting", waits)
    heart = Heartbeat(60, lambda: None, lambda: False, lambda: None, lambda: told.append(1))
    for _ in range(10):
        assert looked.acquire(timeout=10)
    heart.stop()
    assert told == [1]
