"""kill -9 of the run, of its group, of the terminal, of the watchdog: two seconds later nothing of it is left."""

import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chaoslib_ext.clock import chance, new_id
from chaoslib_ext.undo.log import logs

pytestmark = [
    pytest.mark.joins("cli", "faults", "undo", "record"),
    pytest.mark.joins("control", "host", "record", "undo"),
]

EVERYTHING = """
    toxics.add_latency("*", 40, stream="upstream")
    toxics.add_timeout("web-http", 100)
    proxies.down("orders-postgresql")
"""


@pytest.mark.parametrize("group", [False, True], ids=["the runner", "its process group"])
def test_killed_nothing_is_left(scene: Any, victim: Callable[..., Any], group: bool) -> None:
    runner = victim(EVERYTHING)
    runner.is_in()
    assert len(scene.faults()) == 4
    runner.signal(signal.SIGKILL, group=group)
    scene.is_clean_soon()


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM, signal.SIGINT, signal.SIGQUIT])
def test_ended_by_a_signal_nothing_is_left(scene: Any, victim: Callable[..., Any], number: int) -> None:
    runner = victim(EVERYTHING)
    runner.is_in()
    runner.signal(number, group=True)
    scene.is_clean_soon()


def test_killed_while_a_child_of_it_lives_on(scene: Any, victim: Callable[..., Any]) -> None:
    """The child holds every pipe the runner had; only a pidfd tells that the runner is dead."""
    runner = victim("toxics.add_latency('web-http', 40)\nchild = os.fork()\nif not child: time.sleep(60)")
    runner.is_in()
    runner.signal(signal.SIGKILL)
    scene.is_clean_soon()
    os.killpg(runner.pid, signal.SIGKILL)


def test_the_terminal_is_closed(scene: Any) -> None:
    pid, master = pty.fork()
    if pid == 0:
        code = (
            "import sys; from actions import toxics; toxics.add_latency('web-http', 40); print('in'); sys.stdin.read()"
        )
        os.execv(sys.executable, [sys.executable, "-c", code])
    assert os.read(master, 100).startswith(b"in")
    assert scene.faults()
    os.close(master)
    scene.is_clean_soon()
    os.waitpid(pid, 0)


def test_chaos_run_killed_in_its_terminal_leaves_a_valid_record(
    scene: Any, tmp_path: Path, chaos: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    experiment = tmp_path / "x.yaml"
    experiment.write_text("""
title: Does it leave anything behind?
description: No.
method:
  - {type: action, name: slow, provider: {type: python, module: actions.toxics, func: add_latency,
     arguments: {proxy: web-http, latency_ms: 40}}}
  - {type: action, name: wait, provider: {type: process, path: sleep, arguments: "60"}}
""")
    control = tmp_path / "control.yaml"
    control.write_text("record: {provider: {type: python, module: chaoslib_ext.control}}\n")
    pid, master = pty.fork()
    if pid == 0:
        os.chdir(tmp_path)
        program = str(Path(sys.executable).with_name("chaos"))
        words = [program, "--no-version-check", "--no-log-file", "run", "--control-file", str(control), str(experiment)]
        os.execv(program, words)
    _read_until(master, b"Action: wait")
    assert scene.faults()
    os.killpg(pid, signal.SIGKILL)
    scene.is_clean_soon()
    os.waitpid(pid, 0)
    os.close(master)
    verified = _eventually(lambda: chaos("journal", "verify", "--json"), lambda done: done.returncode == 0)
    assert '"ok"' in verified.stdout, verified.stdout + verified.stderr
    (journal,) = (tmp_path / "journal" / "runs").glob("*/journal.json")
    assert '"status": "interrupted"' in journal.read_text()


def _read_until(master: int, words: bytes) -> None:
    said = b""
    while words not in said:
        said += os.read(master, 4096)


def _eventually(ask: Callable[[], Any], is_good: Callable[[Any], bool], within: float = 10) -> Any:
    deadline = time.monotonic() + within
    while not is_good(answer := ask()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return answer


def test_the_watchdog_killed_is_replaced_and_the_run_killed_leaves_nothing(
    scene: Any, victim: Callable[..., Any], watchdog_of: Callable[[int], int]
) -> None:
    runner = victim(
        "toxics.add_latency('web-http', 40)\nprint('first', flush=True)\nsys.stdin.readline()\nproxies.down('web-http')"
    )
    assert runner.process.stdout.readline() == "first\n"
    os.kill(watchdog_of(runner.pid), signal.SIGKILL)
    runner.process.stdin.write("\n")
    runner.process.stdin.flush()
    runner.is_in()
    runner.signal(signal.SIGKILL)
    scene.is_clean_soon()


def test_both_killed_a_person_finds_and_undoes_it(
    scene: Any,
    victim: Callable[..., Any],
    watchdog_of: Callable[[int], int],
    chaos: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    runner = victim(EVERYTHING)
    runner.is_in()
    runner.signal(signal.SIGSTOP)
    os.kill(watchdog_of(runner.pid), signal.SIGKILL)
    runner.signal(signal.SIGKILL)
    runner.close()
    listed = chaos("undo")
    assert listed.returncode == 0 and "dead" in listed.stdout
    assert (
        listed.stdout.count("would remove toxic cx-") == 3 and "would enable proxy orders-postgresql" in listed.stdout
    )
    assert len(scene.faults()) == 4
    undone = chaos("undo", "--all")
    assert undone.returncode == 0, undone.stderr
    assert scene.looks() == scene.before
    assert "Nothing to undo" in chaos("undo").stdout


def test_a_deadline_is_kept_while_the_runner_hangs(scene: Any, victim: Callable[..., Any]) -> None:
    runner = victim("toxics.add_latency('web-http', 40, duration='2s')")
    runner.is_in()
    runner.signal(signal.SIGSTOP)
    scene.is_without_faults_soon()  # sooner than the lease, which would take it out as well
    reasons = lambda: {line["reason"] for log in logs() for line in log.read().results.values()}  # noqa: E731
    assert _eventually(reasons, bool) == {"deadline"}  # it is written behind the undo
    runner.signal(signal.SIGCONT)
    code, said = runner.ends()
    assert (code, said) == (0, "")
    assert scene.looks() == scene.before


HOLDS_THE_RECORD = """
    import fcntl
    from chaoslib_ext.faults import run
    from chaoslib_ext.record.record import Record
    run.begin(record := Record.create("Why?"))
    toxics.add_latency('web-http', 40, duration='1s')
    toxics.add_latency('web-http', 40, duration='1500ms')
    fcntl.flock(os.open(record.folder / 'events.jsonl', os.O_RDWR), fcntl.LOCK_EX)
"""


def test_deadlines_are_kept_while_the_runner_hangs_with_its_record_locked(
    scene: Any, victim: Callable[..., Any], tmp_path: Path
) -> None:
    runner = victim(HOLDS_THE_RECORD)
    runner.is_in()
    runner.signal(signal.SIGSTOP)
    scene.is_without_faults_soon()
    (folder,) = (tmp_path / "journal" / "runs").iterdir()
    assert "fault.undone" not in (folder / "events.jsonl").read_text()
    runner.signal(signal.SIGKILL)
    _eventually((folder / "seal.json").exists, bool)
    assert (folder / "events.jsonl").read_text().count('"reason":"deadline"') == 2


@pytest.mark.parametrize("when", ["before the fault is in", "when it has just come in"])
def test_a_deadline_is_kept_of_a_runner_that_hangs_in_the_door(
    scene: Any, victim: Callable[..., Any], when: str
) -> None:
    """It has the right to undo, and keeps it for as long as it stands still."""
    stop, put = "os.kill(os.getpid(), signal.SIGSTOP)", "real(self, *to)"
    steps = (stop, put) if when == "before the fault is in" else (put, stop)
    runner = victim(f"""
        from chaoslib_ext.errors import FaultNotConfirmed
        from chaoslib_ext.faults.toxic import Toxic
        real = Toxic.apply
        Toxic.apply = lambda self, *to: ({", ".join(steps)})
        print('ready', flush=True)
        try:
            toxics.add_latency('web-http', 40, duration='1s')
        except FaultNotConfirmed as error:
            assert 'stood still' in str(error), error
        else:
            sys.exit('it was not told')
    """)
    assert runner.process.stdout.readline() == "ready\n"
    _eventually(lambda: _state_of(runner.pid), lambda state: state == "T")
    log = next(Path(os.environ["CHAOS_STATE_DIR"]).glob("undo/*.jsonl"))
    assert "deadline" in _eventually(log.read_text, lambda text: '"kind":"undone"' in text)
    assert not scene.faults()
    runner.signal(signal.SIGCONT)
    runner.is_in()
    assert not scene.faults()


def _state_of(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def _kills(count: int) -> list[str]:
    # all workers of one session must collect the same names (pytest-xdist)
    base = os.environ.get("CHAOS_TEST_SEED") or os.environ.get("PYTEST_XDIST_TESTRUNUID", new_id())[:6]
    return [f"{base}-{number}" for number in range(count)]


def _killed_at_random(scene: Any, victim: Callable[..., Any], seed: str) -> None:
    """A runner that injects and undoes without a pause, killed at a moment drawn from `seed`."""
    print(f"again with: CHAOS_TEST_SEED={seed.rpartition('-')[0]}")
    draw = chance(seed)
    runner = victim(
        """
        print('begin', flush=True)
        while True:
            toxics.add_latency('web-http', 1, duration='1m')
            proxies.down('orders-postgresql')
            proxies.up()
            toxics.add('web-http', 'noop')
            undo.everything()
        """
    )
    assert runner.process.stdout.readline() == "begin\n"
    time.sleep(draw.uniform(0, 0.6))
    runner.signal(signal.SIGKILL, group=draw.random() < 0.5)
    runner.close()
    scene.is_clean_soon()
    time.sleep(0.3)  # what a last request might still bring in
    assert scene.looks() == scene.before


@pytest.mark.parametrize("seed", _kills(10))
def test_killed_at_a_random_moment(scene: Any, victim: Callable[..., Any], seed: str) -> None:
    _killed_at_random(scene, victim, seed)


@pytest.mark.full
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("seed", _kills(100))
def test_killed_at_a_hundred_random_moments(scene: Any, victim: Callable[..., Any], seed: str) -> None:
    _killed_at_random(scene, victim, seed)


def test_a_process_that_just_ends_has_undone_everything_before_it_is_gone(
    scene: Any, victim: Callable[..., Any]
) -> None:
    runner = victim(EVERYTHING)
    runner.is_in()
    assert runner.ends() == (0, "")
    assert scene.looks() == scene.before
