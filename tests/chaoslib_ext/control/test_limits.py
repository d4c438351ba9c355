"""A timeout rings once, and not for what ended before."""

import threading

import pytest

from chaoslib_ext.control.limits import Limits


def test_it_rings_with_the_activitys_name() -> None:
    rang, said = threading.Event(), []
    limits = Limits(lambda why: (said.append(why), rang.set()))
    limits.begin(1, {"name": "slow", "timeout": 0.01})
    assert rang.wait(20) and said == ['"slow" took longer than its timeout of 0.01 s']


def test_what_ended_before_does_not_ring() -> None:
    said: list[str] = []
    limits = Limits(said.append)
    limits.begin(1, {"name": "quick", "timeout": 3600})
    (timer,) = limits._timers.values()
    limits.end(1)
    timer.join(20)
    assert not timer.is_alive() and said == []
    limits.end(1)


@pytest.mark.parametrize("timeout", [None, True, "soon", 0, -1])
def test_what_is_no_timeout_is_none(timeout: object) -> None:
    limits = Limits(lambda why: None)
    limits.begin(1, {"name": "a", "timeout": timeout})
    assert not limits._timers
