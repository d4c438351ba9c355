"""A call that hangs costs its caller its limit, and later callers nothing."""

import errno
import os
import signal
import threading
from collections.abc import Iterator
from contextvars import ContextVar

import pytest

from chaoslib_ext.clock import SYSTEM
from chaoslib_ext.worker import Worker


@pytest.fixture
def hang() -> Iterator[threading.Event]:
    """What a call waits for until it is set."""
    event = threading.Event()
    yield event
    event.set()


def test_a_call_gives_what_it_gives_and_raises_what_it_raises() -> None:
    worker = Worker("test")
    assert worker.do(lambda: 7, 1) == 7
    with pytest.raises(KeyError):
        worker.do(lambda: {}["no"], 1)


def test_a_call_that_hangs_is_an_error_of_the_disk_and_each_later_one_fails_at_once(hang: threading.Event) -> None:
    worker = Worker("test")
    with pytest.raises(OSError, match=r"does not answer within 0.05 s") as caught:
        worker.do(hang.wait, 0.05)
    assert caught.value.errno == errno.ETIMEDOUT
    began = SYSTEM.monotonic()
    with pytest.raises(TimeoutError, match="does not answer"):
        worker.do(lambda: 1, 60)
    assert SYSTEM.monotonic() - began < 30
    hang.set()
    assert worker.flush(30)
    assert worker.do(lambda: 1, 30) == 1


def test_what_waited_behind_it_and_was_given_up_is_never_begun(hang: threading.Event) -> None:
    worker, done = Worker("test"), []
    worker.later(hang.wait)
    with pytest.raises(TimeoutError):
        worker.do(lambda: done.append(1), 0.05)
    hang.set()
    assert worker.flush(30)
    assert done == []


def test_a_call_that_a_signal_interrupted_does_not_count_as_one_that_hangs(hang: threading.Event) -> None:
    class Came(BaseException):
        pass

    def came(number: int, frame: object) -> None:
        raise Came

    worker = Worker("test")
    before = signal.signal(signal.SIGALRM, came)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        with pytest.raises(Came):
            worker.do(hang.wait, 60)
    finally:
        signal.signal(signal.SIGALRM, before)
    assert not worker.is_stuck


def test_without_a_thread_to_be_had_a_call_is_done_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(self: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", none)
    worker = Worker("test")
    assert worker.do(lambda: threading.current_thread() is threading.main_thread(), 1)
    with pytest.raises(RuntimeError):
        worker.start()


def test_a_call_within_a_call_is_done_at_once() -> None:
    worker = Worker("test")
    assert worker.do(lambda: worker.do(lambda: 7, 0.05), 30) == 7


def test_a_call_knows_what_its_caller_knows() -> None:
    variable = ContextVar("variable", default=0)
    variable.set(7)
    assert Worker("test").do(variable.get, 30) == 7


def test_a_forked_child_has_a_worker_of_its_own() -> None:
    worker = Worker("test")
    worker.start()
    child = os.fork()
    if child == 0:
        os._exit(0 if worker.do(lambda: 7, 10) == 7 else 1)
    assert os.waitpid(child, 0)[1] == 0


def test_the_signals_that_end_a_run_are_not_taken_by_it() -> None:
    blocked = Worker("test").do(lambda: signal.pthread_sigmask(signal.SIG_BLOCK, ()), 30)
    assert {signal.SIGINT, signal.SIGTERM, signal.SIGHUP} <= blocked
