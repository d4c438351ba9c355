"""SIGTERM and SIGHUP leave like the host's own graceful exit; while we clean up, nothing does."""

import os
import signal
import threading

import pytest

from chaoslib_ext.control.signals import Signals, deferred


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_passes_every_except_exception(number: int) -> None:
    signals = Signals()
    before = signal.getsignal(number)
    signals.install()
    try:
        with pytest.raises(SystemExit) as left:
            try:
                signal.raise_signal(number)
            except Exception:
                pytest.fail("an activity would have swallowed it")
    finally:
        signals.restore()
    assert left.value.code == 20 and signals.seen == [signal.Signals(number).name]
    assert signal.getsignal(number) is before


def test_a_forked_child_is_ended_by_a_signal_as_any_other_process() -> None:
    """multiprocessing ends its children with SIGTERM; they are not the run."""
    signals = Signals()
    signals.install()
    try:
        child = os.fork()
        if child == 0:
            try:
                signal.raise_signal(signal.SIGTERM)
            finally:
                os._exit(0)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGTERM
    finally:
        signals.restore()


def test_what_comes_meanwhile_is_held_back_and_named() -> None:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGUSR1)}
    with deferred() as came:
        for number in before:
            os.kill(os.getpid(), number)
    assert sorted(came) == ["SIGINT", "SIGTERM", "SIGUSR1"]
    assert {number: signal.getsignal(number) for number in before} == before


def test_outside_of_the_main_thread_nothing_is_changed() -> None:
    """Python allows signal handlers there only; an embedded host may run elsewhere."""
    failed: list[BaseException] = []

    def elsewhere() -> None:
        try:
            signals = Signals()
            signals.install()
            with deferred():
                pass
            signals.restore()
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join(10)
    assert not failed
