"""A watchdog that was stopped is an absent one: its run, and every command, undoes in its place."""

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from chaoslib_ext.processes import is_stopped
from chaoslib_ext.undo.log import logs

pytestmark = pytest.mark.joins("faults", "undo", "toxiproxy-embedded", "toxiproxy-go")

ONE = """
    toxics.add_latency("web-http", 40)
"""


def until(is_so: Callable[[], Any], within: float = 60) -> None:
    deadline = time.monotonic() + within
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.fixture
def stop() -> Iterator[Callable[[int], int]]:
    """Stop processes, as SIGSTOP does; what is left of them is ended afterwards."""
    stopped: list[int] = []

    def stopping(pid: int) -> int:
        os.kill(pid, signal.SIGSTOP)
        until(lambda: is_stopped(pid))
        stopped.append(pid)
        return pid

    yield stopping
    for pid in stopped:
        if is_stopped(pid):
            os.kill(pid, signal.SIGKILL)


@pytest.mark.parametrize("command", [("live",), ("doctor",), ("proxy", "list")], ids=["live", "doctor", "proxy list"])
@pytest.mark.joins("cli", "undo")
def test_what_a_killed_run_left_with_its_watchdog_stopped_the_next_command_undoes(
    scene: Any, victim: Any, watchdog_of: Any, stop: Any, chaos: Any, command: tuple[str, ...]
) -> None:
    runner = victim(ONE)
    runner.is_in()
    watchdog = stop(watchdog_of(runner.pid))
    runner.signal(signal.SIGKILL)
    runner.process.wait()
    done = chaos(*command)
    assert scene.looks() == scene.before, done.stdout + done.stderr
    assert "1 fault undone and read back" in done.stderr
    if command == ("doctor",):
        assert f"(process {watchdog}) was stopped" in done.stdout and f"kill -CONT {watchdog}" in done.stdout
    os.kill(watchdog, signal.SIGCONT)
    until(lambda: logs()[0].read().closed and not os.path.exists(f"/proc/{watchdog}"))
    assert scene.looks() == scene.before, "let go on, it does no harm"


def test_the_next_run_undoes_it_too(scene: Any, victim: Any, watchdog_of: Any, stop: Any) -> None:
    runner = victim(ONE)
    runner.is_in()
    stop(watchdog_of(runner.pid))
    runner.signal(signal.SIGKILL)
    runner.process.wait()
    second = victim("toxics.add_latency('orders-postgresql', 40)")
    second.is_in()
    assert [one for one in scene.faults() if logs()[0].run in one] == []
    assert len(scene.faults()) == 1


def test_a_list_of_what_is_left_says_that_no_watchdog_goes_on(
    scene: Any, victim: Any, watchdog_of: Any, stop: Any, chaos: Any
) -> None:
    runner = victim(ONE)
    runner.is_in()
    stop(watchdog_of(runner.pid))
    runner.signal(signal.SIGKILL)
    runner.process.wait()
    until(lambda: logs()[0].is_unwatched())
    assert ", dead, without a watchdog that goes on, started" in chaos("undo").stdout
    assert "its process is dead, its watchdog was stopped or is dead" in chaos("live", "--only-look").stdout
    assert len(scene.faults()) == 1, "who only looks touches nothing"


class TestBothStopped:
    """The whole process group, and the watchdog's: `docker pause`."""

    @pytest.fixture(autouse=True)
    def lease(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("CHAOS_LEASE", "2s")

    def test_behind_its_lease_the_next_command_takes_all_faults_back(
        self, scene: Any, victim: Any, watchdog_of: Any, stop: Any, chaos: Any
    ) -> None:
        runner = victim("""
            toxics.add_latency("*", 40)
            print('first', flush=True)
            sys.stdin.readline()
            from chaoslib_ext.errors import GuardRefused
            try:
                toxics.add_latency("web-http", 40)
            except GuardRefused as error:
                assert "no sign of life" in str(error), error
            else:
                sys.exit("it went in")
        """)
        assert runner.process.stdout.readline() == "first\n"
        watchdog = watchdog_of(runner.pid)
        stop(runner.pid)
        stop(watchdog)
        until(lambda: logs()[0].silent_for() > 2)
        done = chaos("live")
        assert f"running (process {runner.pid})" in done.stdout
        assert "stands still and has no watchdog" in done.stderr
        assert scene.looks() == scene.before
        assert logs()[0].read().lapsed
        for pid in (watchdog, runner.pid):
            os.kill(pid, signal.SIGCONT)
        runner.process.stdin.write("\n")
        runner.process.stdin.flush()
        runner.is_in()
        assert scene.looks() == scene.before, "let go on, neither does harm"

    def test_a_deadline_that_passes_is_kept_by_the_next_command(
        self, scene: Any, victim: Any, watchdog_of: Any, stop: Any, chaos: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("CHAOS_LEASE", "60s")
        runner = victim("""
            toxics.add_latency("orders-postgresql", 40)
            toxics.add_latency("web-http", 40, duration="5s")
        """)
        runner.is_in()
        stop(runner.pid)
        stop(watchdog_of(runner.pid))
        assert len(scene.faults()) == 2
        until(lambda: json.loads(chaos("live", "--json").stdout)["finished"])
        assert len(scene.faults()) == 1 and not logs()[0].read().lapsed, "the other fault may stay"

    def test_let_go_on_they_keep_it_themselves(self, scene: Any, victim: Any, watchdog_of: Any, stop: Any) -> None:
        runner = victim('toxics.add_latency("web-http", 40, duration="1s")')
        runner.is_in()
        pids = [stop(runner.pid), stop(watchdog_of(runner.pid))]
        time.sleep(1.5)
        for pid in pids:
            os.kill(pid, signal.SIGCONT)
        scene.is_without_faults_soon(within=10)

    def test_a_run_that_goes_on_is_let_be(self, scene: Any, victim: Any, chaos: Any) -> None:
        runner = victim(ONE)
        runner.is_in()
        until(lambda: logs()[0].silent_for() < 1)
        for _ in range(3):
            assert json.loads(chaos("live", "--json").stdout)["finished"] == []
        assert len(scene.faults()) == 1 and not logs()[0].read().lapsed
