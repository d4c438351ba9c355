"""An activity's own `timeout` is kept, and leaves nothing of itself behind."""

import signal
import threading

import pytest

from chaoslib_ext.guests.time_limit import TooLate, time_limit, within


@pytest.mark.parametrize("timeout", [None, True, "soon", 0, -1, float("inf"), float("nan")])
def test_what_is_no_limit_is_none(timeout: object) -> None:
    before = signal.getsignal(signal.SIGALRM)
    assert time_limit({"timeout": timeout}) is None
    with within({"timeout": timeout}):
        assert signal.getsignal(signal.SIGALRM) is before


def test_it_ends_what_takes_too_long_and_swallows_errors() -> None:
    with pytest.raises(TooLate, match="longer than its timeout"), within({"timeout": 0.01}):
        try:
            threading.Event().wait(60)
        except Exception:
            pytest.fail("the activity's own code would go on")


def test_what_ends_in_time_hears_nothing_of_it() -> None:
    before, alarm = signal.getsignal(signal.SIGALRM), signal.setitimer(signal.ITIMER_REAL, 0)
    try:
        with within({"timeout": 3600}):
            assert signal.getitimer(signal.ITIMER_REAL)[0] > 1000
        assert signal.getitimer(signal.ITIMER_REAL)[0] == 0 and signal.getsignal(signal.SIGALRM) is before
    finally:
        signal.setitimer(signal.ITIMER_REAL, *alarm)
