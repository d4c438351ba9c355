"""A watchdog that was stopped is an absent one: its run, and every command, undoes in its place."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from chaoslib_ext.processes import is_stopped
from chaoslib_ext.record.read import events
from chaoslib_ext.undo.log import logs
from chaoslib_ext.undo.presence import RUNNER, WATCHDOG, gives_signs, is_unwatched, silent_for

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
    until(lambda: is_unwatched(logs()[0].path))
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
        until(lambda: silent_for(logs()[0].path, RUNNER) > 2)
        done = chaos("live")
        assert f"running (process {runner.pid})" in done.stdout
        assert "is stopped and has no watchdog" in done.stderr
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
        until(lambda: gives_signs(logs()[0].path, RUNNER))
        for _ in range(3):
            assert json.loads(chaos("live", "--json").stdout)["finished"] == []
        assert len(scene.faults()) == 1 and not logs()[0].read().lapsed


class TestTheRunsOwnLook:
    """The run looks at its watchdog and at its deadlines itself."""

    def test_a_watchdog_that_was_stopped_is_replaced(
        self, scene: Any, victim: Any, watchdog_of: Any, stop: Any
    ) -> None:
        runner = victim(ONE)
        runner.is_in()
        first = stop(watchdog_of(runner.pid))
        until(lambda: not os.path.exists(f"/proc/{first}"))
        until(lambda: gives_signs(logs()[0].path, WATCHDOG))
        assert len(scene.faults()) == 1
        runner.signal(signal.SIGKILL)
        scene.is_clean_soon(within=20)

    def test_before_the_next_fault_too(self, scene: Any, victim: Any, watchdog_of: Any, stop: Any) -> None:
        runner = victim("""
            import chaoslib_ext.faults.keeper as keeper
            keeper.Keeper._keep_watchdog = lambda self: None
            toxics.add_latency("web-http", 40)
            print('first', flush=True)
            sys.stdin.readline()
            toxics.add_latency("orders-postgresql", 40)
        """)
        assert runner.process.stdout.readline() == "first\n"
        first = stop(watchdog_of(runner.pid))
        until(lambda: not gives_signs(logs()[0].path, WATCHDOG))
        runner.process.stdin.write("\n")
        runner.process.stdin.flush()
        runner.is_in()
        assert not os.path.exists(f"/proc/{first}") and watchdog_of(runner.pid) != first

    def test_a_deadline_that_it_missed_is_kept_by_the_run(
        self, scene: Any, victim: Any, watchdog_of: Any, stop: Any
    ) -> None:
        runner = victim("""
            import chaoslib_ext.faults.keeper as keeper
            keeper.Keeper._keep_watchdog = lambda self: None
            toxics.add_latency("web-http", 40, duration="3s")
        """)
        runner.is_in()
        stop(watchdog_of(runner.pid))
        assert len(scene.faults()) == 1
        scene.is_without_faults_soon(within=20)
        until(lambda: logs()[0].read().results)
        (undone,) = logs()[0].read().results.values()
        assert (undone["by"], undone["reason"]) == ("runner", "deadline")
        code, said = runner.ends()
        assert code == 0 and "longer than its duration: its watchdog did not answer" in said, said

    def test_the_lock_that_it_held_is_not_waited_for(
        self, scene: Any, victim: Any, watchdog_of: Any, stop: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        """It is stopped in the middle of its undo."""
        (tmp_path / "sitecustomize.py").write_text("""
import os, signal, sys
if "chaoslib_ext.faults.watch" in sys.orig_argv:
    from chaoslib_ext.proxy import undo
    undo.RemoveToxic.undo = lambda *_: os.kill(os.getpid(), signal.SIGSTOP)
""")
        runner = victim(
            'toxics.add_latency("web-http", 40, duration="2s")',
            env={**os.environ, "PYTHONPATH": str(tmp_path)},
        )
        runner.is_in()
        scene.is_without_faults_soon(within=20)
        assert "died" not in runner.ends()[1]

    def test_a_run_that_can_have_no_watchdog_loses_its_faults(self, scene: Any, victim: Any) -> None:
        runner = victim("""
            import chaoslib_ext.faults.standby as standby, chaoslib_ext.faults.keeper as keeper
            from chaoslib_ext.faults.run import current
            toxics.add_latency("*", 40)
            standby._COMMAND[:] = ["-c", "pass"]
            keeper._REPLACED = 3
            os.kill(current().watchdog.pid, signal.SIGKILL)
        """)
        runner.is_in()
        scene.is_without_faults_soon(within=60)
        code, said = runner.ends()
        assert code == 0 and "can have no other" in said, said


EXPERIMENT = """
title: Is a deadline kept?
description: The watchdog is stopped.
controls: [{name: record, provider: {type: python, module: chaoslib_ext.control}}]
method:
  - {type: action, name: slow, provider: {type: python, module: actions.toxics, func: add_latency,
     arguments: {proxy: web-http, latency_ms: 40, duration: 4s}}, pauses: {after: 12}}
"""


@pytest.mark.joins("control", "faults", "record")
def test_chaos_run_says_in_its_verdict_that_a_fault_stayed_for_too_long(
    scene: Any, watchdog_of: Any, stop: Any, tmp_path: Path
) -> None:
    """Each watchdog is stopped as soon as it is there, so that none keeps the deadline."""
    (tmp_path / "x.yaml").write_text(EXPERIMENT)
    words = [str(Path(sys.executable).with_name("chaos")), "--no-version-check", "--no-log-file", "run", "x.yaml"]
    with subprocess.Popen(words, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as run:
        until(lambda: scene.faults())
        time.sleep(2.5)  # a watchdog that was stopped for longer has been replaced before the deadline
        stop(watchdog_of(run.pid))
        assert scene.faults(), "this machine is too busy for this test"
        scene.is_without_faults_soon(within=20)
        said, _ = run.communicate(timeout=60)
    assert run.returncode != 0 and "VOID" in said, said
    assert "latency on web-http stayed" in said and "longer than its duration: its watchdog did not answer" in said
    (folder,) = (tmp_path / "journal" / "runs").iterdir()
    found = {one["kind"]: one["data"] for one in events(folder)}
    assert found["run.finished"]["verdict"] == "void" and "overstayed" in str(found.keys())
    assert "was stopped, so another was started" in found["watchdog.replaced"]["says"]
