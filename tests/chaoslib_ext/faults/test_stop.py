"""Runs under way are ended and undone; one that will not end is undone all the same."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from chaoslib_ext.faults.inject import inject
from chaoslib_ext.faults.run import begin, current
from chaoslib_ext.faults.stop import stop_all
from chaoslib_ext.faults.toxic import Toxic
from chaoslib_ext.testing.faults import World

pytestmark = pytest.mark.joins("faults", "undo", "proxy")

_CODE = """
import signal, sys
{first}
from chaoslib_ext.faults.inject import inject
from chaoslib_ext.faults.toxic import Toxic
inject(Toxic(proxy="*", type="noop"))
print("in", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def runner() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """A process with a noop on every proxy, that then waits."""
    started: list[subprocess.Popen[str]] = []

    def start(first: str = "") -> subprocess.Popen[str]:
        code = _CODE.format(first=first)
        pipe = subprocess.PIPE
        one = subprocess.Popen([sys.executable, "-c", code], stdin=pipe, stdout=pipe, text=True)
        started.append(one)
        assert one.stdout and one.stdout.readline() == "in\n"
        return one

    yield start
    for one in started:
        one.kill()
        one.communicate()


def toxics(world: World) -> list[str]:
    return [toxic.name for proxy in world.client.proxies().values() for toxic in proxy.toxics]


def stand_still(pid: int) -> None:
    """Stop it, and wait until each of its threads stands: a signal that comes earlier would be heard first."""
    psutil.Process(pid).suspend()
    deadline = time.monotonic() + 30
    while any(
        stat.read_text().rpartition(")")[2].split()[0] != "T" for stat in Path(f"/proc/{pid}/task").glob("*/stat")
    ):
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_nothing_runs() -> None:
    assert stop_all() == ([], [])


def test_only_runs_on_that_server_are_ended_whatever_its_spelling(
    world: World, runner: Callable[..., subprocess.Popen[str]]
) -> None:
    runner()
    port = world.client.url.rpartition(":")[2]
    assert stop_all(on="http://127.0.0.1:1") == ([], []) and toxics(world)
    (stopped,), _ = stop_all(on=f"http://localhost:{port}")
    assert stopped.ended and toxics(world) == []


def test_a_run_is_ended_and_its_faults_are_gone(world: World, runner: Callable[..., subprocess.Popen[str]]) -> None:
    child = runner()
    assert len(toxics(world)) == 4  # two faults, and a hold each
    (stopped,), problems = stop_all(patience=30)
    assert stopped.ended and stopped.is_clean and not problems and not toxics(world)
    assert sorted(result.id for result in stopped.results) == [2, 4]
    assert all(result.verified for result in stopped.results)
    assert stopped.as_json()["pid"] == child.pid
    assert child.wait(30) == 20  # by way of its own undo
    assert stop_all() == ([], [])


def test_one_that_is_deaf_is_undone_and_said_to_go_on(
    world: World, runner: Callable[..., subprocess.Popen[str]]
) -> None:
    child = runner("signal.signal(signal.SIGTERM, signal.SIG_IGN)")
    (stopped,), _ = stop_all(patience=0.2)
    assert not stopped.ended and stopped.is_clean and len(stopped.results) == 2 and not toxics(world)
    assert child.poll() is None


def test_one_that_is_stopped_in_its_tracks_is_undone_too(
    world: World, runner: Callable[..., subprocess.Popen[str]]
) -> None:
    child = runner()
    stand_still(child.pid)
    (stopped,), _ = stop_all(patience=0.2)
    assert not stopped.ended and stopped.is_clean and not toxics(world)
    psutil.Process(child.pid).resume()
    assert child.wait(30) == 20  # by way of its own undo


def test_the_calling_process_is_undone_and_not_ended(world: World) -> None:
    begin(title="me")
    inject(Toxic(proxy="web-http", type="noop"))
    (stopped,), _ = stop_all()
    assert stopped.header.run == current().id and not stopped.ended and stopped.is_clean and not toxics(world)


def test_a_target_that_resists_is_told_with_the_command(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from chaoslib_ext.proxy import undo

    begin()
    inject(Toxic(proxy="web-http", type="noop"))
    monkeypatch.setattr(undo.RemoveToxic, "_is_clear", lambda *_: False)
    (stopped,), _ = stop_all()
    assert not stopped.is_clean
    assert [result.status for result in stopped.results] == ["failed"] and "curl" in str(stopped.results[0].by_hand)
