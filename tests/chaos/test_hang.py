"""The runner hangs: after its lease its faults are taken back, and when it wakes up it may put no more in."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from chaoslib_ext.record.read import events
from chaoslib_ext.undo.log import logs

pytestmark = [
    pytest.mark.joins("faults", "undo", "toxiproxy-embedded", "toxiproxy-go"),
    pytest.mark.joins("control", "faults", "undo", "record"),
]

LEASE = 2.0


@pytest.fixture(autouse=True)
def lease(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHAOS_LEASE", f"{LEASE:g}s")


def until(is_so: Callable[[], Any], within: float = 30) -> None:
    deadline = time.monotonic() + within
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_stopped_in_its_tracks_a_run_loses_its_faults_and_gets_no_more_in(
    scene: Any, victim: Callable[..., Any]
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
    assert len(scene.faults()) == 2
    runner.signal(signal.SIGSTOP)
    until(lambda: scene.looks() == scene.before)
    (log,) = logs()
    until(lambda: not log.read().open)  # it is written behind the undo
    state = log.read()
    assert state.lapsed and {line["reason"] for line in state.results.values()} == {"lease"}
    assert log.is_alive(state.header), "it hangs, it is not dead"
    runner.signal(signal.SIGCONT)
    runner.process.stdin.write("\n")
    runner.process.stdin.flush()
    runner.is_in()
    assert scene.looks() == scene.before
    code, said = runner.ends()
    assert code == 0 and "gave no sign of life for 2 s" in said


def test_stopped_between_its_undo_and_its_fault_it_still_gets_nothing_in(
    scene: Any, victim: Callable[..., Any]
) -> None:
    """The moment that no lock can cover: the undo is written, the request is not sent yet."""
    runner = victim("""
        from chaoslib_ext.errors import GuardRefused
        from chaoslib_ext.faults.toxic import Toxic
        real = Toxic.apply
        def stopped(*arguments):
            print('about to', flush=True)
            os.kill(os.getpid(), signal.SIGSTOP)
            real(*arguments)
        Toxic.apply = stopped
        try:
            toxics.add_latency("web-http", 40)
        except GuardRefused as error:
            assert "were taken back" in str(error), error
        else:
            sys.exit("it went in")
    """)
    assert runner.process.stdout.readline() == "about to\n"
    until(lambda: bool(logs()[0].read().lapsed) and not logs()[0].read().open)
    runner.signal(signal.SIGCONT)
    runner.is_in()
    assert scene.looks() == scene.before


def test_one_that_works_hard_keeps_its_faults(scene: Any, victim: Callable[..., Any]) -> None:
    runner = victim("""
        toxics.add_latency("web-http", 40)
        until = time.monotonic() + 2 * 2.0
        while time.monotonic() < until: sum(range(10_000))
    """)
    runner.is_in()
    assert len(scene.faults()) == 1 and logs()[0].read().lapsed is None


@pytest.fixture
def run(scene: Any, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """`chaos run` with our control, with a fault in and in the middle of an action of its own."""
    experiment = tmp_path / "x.yaml"
    experiment.write_text("""
title: Does it end when it hung?
description: It should.
method:
  - {type: action, name: slow, provider: {type: python, module: actions.toxics, func: add_latency,
     arguments: {proxy: web-http, latency_ms: 40}}}
  - {type: action, name: wait, provider: {type: process, path: sleep, arguments: "8"}}
""")
    control = tmp_path / "control.yaml"
    control.write_text("record: {provider: {type: python, module: chaoslib_ext.control}}\n")
    program = str(Path(sys.executable).with_name("chaos"))
    words = [program, "--no-version-check", "--no-log-file", "run", "--control-file", str(control), str(experiment)]
    with subprocess.Popen(words, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        until(lambda: scene.faults())
        yield process
        process.kill()


def test_chaos_run_that_hung_ends_red_and_says_why(scene: Any, run: subprocess.Popen[str], tmp_path: Path) -> None:
    os.kill(run.pid, signal.SIGSTOP)
    until(lambda: scene.looks() == scene.before)
    os.kill(run.pid, signal.SIGCONT)
    said, _ = run.communicate(timeout=60)
    assert run.returncode != 0 and "gave no sign of life for 2 s" in said, said
    (folder,) = (tmp_path / "journal" / "runs").iterdir()
    found = events(folder)
    lapsed = [one["data"]["says"] for one in found if one["kind"] == "lease.lapsed"]
    assert lapsed == [f"it gave no sign of life for {LEASE:g} s"]
    finished = next(one["data"] for one in found if one["kind"] == "run.finished")
    assert finished["verdict"] == "aborted" and "no sign of life" in finished["reasons"][0]
    safety = next(one["data"] for one in found if one["kind"] == "run.crash_safety")
    assert set(safety) == {"crash_safe", "why"}
