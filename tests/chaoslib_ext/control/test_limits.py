"""A timeout rings once, and not for what ended before."""

import threading

import pytest

from chaoslib_ext.control.limits import Limits


def test_it_rings_with_the_activitys_name_and_is_told_at_its_end() -> None:
    rang, said = threading.Event(), []
    limits = Limits()
    limits.begin(1, {"name": "slow", "timeout": 0.01}, lambda why: (said.append(why), rang.set()))
    assert rang.wait(20) and said == ['"slow" took longer than its timeout of 0.01 s']
    assert limits.end(1) == "it took longer than its timeout of 0.01 s" and limits.end(1) is None


def test_what_ended_before_does_not_ring() -> None:
    said: list[str] = []
    limits = Limits()
    limits.begin(1, {"name": "quick", "timeout": 3600}, said.append)
    (timer,) = limits._timers.values()
    assert limits.end(1) is None
    timer.join(20)
    assert not timer.is_alive() and said == []


@pytest.mark.parametrize("timeout", [None, True, "soon", 0, -1])
def test_what_is_no_timeout_is_none(timeout: object) -> None:
    limits = Limits()
    limits.begin(1, {"name": "a", "timeout": timeout}, lambda why: None)
    assert not limits._timers
