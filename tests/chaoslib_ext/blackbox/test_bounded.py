import threading
from typing import NoReturn

import pytest

from chaoslib_ext.blackbox.bounded import bounded
from chaoslib_ext.errors import NoAnswer


def test_an_answer_and_an_error_come_through() -> None:
    assert bounded(lambda: 7, 30, "late") == 7

    def refuse() -> NoReturn:
        raise TimeoutError("its own")

    with pytest.raises(TimeoutError, match="its own"):
        bounded(refuse, 30, "late")


def test_what_takes_too_long_is_given_up() -> None:
    given_up = threading.Event()
    with pytest.raises(NoAnswer, match="late, really"):
        bounded(lambda: given_up.wait(60), 0.1, "late, really", give_up=given_up.set)
    assert given_up.is_set()


def test_when_the_run_is_ended_meanwhile_it_is_given_up_at_once() -> None:
    """As the host's Ctrl-C and SIGTERM come: an exception out of the wait of the main thread."""
    given_up, asking = threading.Event(), threading.Event()

    class Ended(BaseException):
        pass

    class EndingClock:
        def monotonic(self) -> float:
            if asking.is_set():
                raise Ended
            return 0.0

    def ask() -> bool:
        asking.set()
        return given_up.wait(60)

    with pytest.raises(Ended):
        bounded(ask, 30, "late", give_up=given_up.set, clock=EndingClock())  # type: ignore[arg-type]
    assert given_up.is_set()
