"""Signals wait while faults are undone; the third is heard."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from chaoslib_ext.undo.signals import LeftToWatchdog, held_back

SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


@pytest.fixture
def heard() -> Iterator[list[int]]:
    """What reaches the handlers that were there before."""
    got: list[int] = []
    before = {number: signal.signal(number, lambda n, _: got.append(n)) for number in SIGNALS}
    yield got
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", SIGNALS)
def test_two_signals_do_not_cut_the_work_short(
    number: int, heard: list[int], capfd: pytest.CaptureFixture[str]
) -> None:
    done = False
    with held_back(redeliver=False) as came:
        os.kill(os.getpid(), number)
        os.kill(os.getpid(), number)
        done = True
    assert done and len(came) == 2 and not heard
    assert "Undoing" in capfd.readouterr().err


def test_the_third_is_heard() -> None:
    with pytest.raises(LeftToWatchdog), held_back(redeliver=False):
        for _ in range(3):
            os.kill(os.getpid(), signal.SIGTERM)
        pytest.fail("the third signal was not heard")


def test_a_signal_is_delivered_late_where_the_run_goes_on(heard: list[int]) -> None:
    with held_back(redeliver=True):
        os.kill(os.getpid(), signal.SIGTERM)
        assert not heard
    assert heard == [signal.SIGTERM]


def test_afterwards_everything_is_as_before(heard: list[int]) -> None:
    with held_back(redeliver=True):
        pass
    os.kill(os.getpid(), signal.SIGINT)
    assert heard == [signal.SIGINT]


def test_outside_the_main_thread_nothing_changes() -> None:
    before = [signal.getsignal(number) for number in SIGNALS]
    during: list[object] = []

    def work() -> None:
        with held_back(redeliver=True):
            during.extend(signal.getsignal(number) for number in SIGNALS)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert during == before


SCRIPT = """
import atexit, os, signal, sys, threading
from chaoslib_ext.undo.signals import leave_by, let_be
theirs = lambda number, frame: os.write(1, b"theirs\\n")  # not print: it may be in the middle of one
if "theirs" in sys.argv:
    signal.signal(signal.SIGTERM, theirs)
leave_by()
if "be" in sys.argv:
    let_be()
atexit.register(lambda: print("undone", flush=True))
print("ready", flush=True)
try:
    for _ in range(1200):  # a signal just before a wait is heard after it: short ones
        threading.Event().wait(0.05)
except Exception:
    print("swallowed", flush=True)
"""


def ended_by(number: int, *args: str) -> tuple[int, str]:
    command = [sys.executable, "-c", SCRIPT, *args]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        child.send_signal(number)
        if "theirs" in args:
            assert child.stdout.readline() == "theirs\n"
            child.kill()
        return child.wait(30), child.stdout.read()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_process_with_what_is_registered_done(number: int) -> None:
    assert ended_by(number) == (20, "undone\n")


def test_handlers_that_are_not_the_systems_or_the_hosts_stay() -> None:
    assert ended_by(signal.SIGTERM, "theirs") == (-signal.SIGKILL, "")


def test_they_are_given_back() -> None:
    assert ended_by(signal.SIGTERM, "be") == (-signal.SIGTERM, "")
