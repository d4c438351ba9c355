"""What runs left behind, found and undone by hand; the record hears of it."""

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from chaoslib_ext.errors import UndoError, UnknownTarget
from chaoslib_ext.faults.inject import inject
from chaoslib_ext.faults.leftovers import close_done, leftovers, undone
from chaoslib_ext.faults.run import begin, current
from chaoslib_ext.faults.toxic import Toxic
from chaoslib_ext.record.read import events
from chaoslib_ext.record.rebuild import rebuild, verify
from chaoslib_ext.record.record import Record
from chaoslib_ext.testing.faults import World
from chaoslib_ext.undo.log import UndoLog, logs

pytestmark = pytest.mark.joins("faults", "record", "undo")

NOOP = Toxic(proxy="*", type="noop")


@pytest.fixture
def abandoned(world: World) -> Iterator[Callable[[], Path]]:
    """A run with two faults and a record, killed together with its watchdog."""

    def kill() -> Path:
        code = """
import os, signal
from chaoslib_ext.faults import run
from chaoslib_ext.faults.inject import inject
from chaoslib_ext.faults.toxic import Toxic
from chaoslib_ext.record.record import Record
record = Record.create("Why?")
run.begin(record)
inject(Toxic(proxy="*", type="noop"))
print(record.folder, flush=True)
os.kill(run.current().watchdog.pid, signal.SIGSTOP)
os.kill(os.getpid(), signal.SIGSTOP)
"""
        runner = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
        assert runner.stdout
        folder = Path(runner.stdout.readline().strip())
        import psutil

        started.append(runner)
        (watchdog,) = psutil.Process(runner.pid).children()
        watchdog.kill()
        runner.kill()
        runner.wait()
        runner.stdout.close()
        return folder

    started: list[subprocess.Popen[str]] = []
    yield kill


def test_a_dead_runs_faults_are_found_undone_and_its_record_is_closed(
    world: World, abandoned: Callable[[], Path]
) -> None:
    folder = abandoned()
    (left,), unreadable = leftovers()
    assert not unreadable and not left.is_alive and len(left.intents) == 2
    assert left.as_json()["open"][0]["by_hand"].startswith("curl")
    done = undone(left)
    assert done.is_clean and [one.id for one in done.results] == [4, 2]
    assert not any(proxy.toxics for proxy in world.client.proxies().values())
    assert leftovers() == ([], [])
    told = [event for event in events(folder) if event["kind"] == "fault.undone"]
    assert [(one["actor"], one["data"]["by"]) for one in told] == [("hand", "hand")] * 2
    assert verify(folder).state == "ok"
    (ours,) = json.loads((folder / "journal.json").read_text())["extensions"]
    assert (ours["verdict"], len(ours["undo"])) == ("interrupted", 2)
    assert [event["kind"] for event in events(folder)].count("run.died") == 1


def test_a_living_runs_faults_are_undone_and_it_goes_on(world: World) -> None:
    record = Record.create("Why?")
    begin(record)
    inject(NOOP)
    (left,), _ = leftovers(current().id[:4])
    assert left.is_alive
    assert undone(left).is_clean
    assert not any(proxy.toxics for proxy in world.client.proxies().values())
    assert current().is_open and current().undo_all() == []
    inject(NOOP)
    assert [one["kind"] for one in events(record.folder)][-1] == "fault.measured"


def test_a_record_that_came_to_its_end_meanwhile_is_whole_again(world: World) -> None:
    with closing(Record.create("Why?")) as record:
        begin(record)
        inject(NOOP)
        (found,), _ = leftovers()
        record.finish({"verdict": "held"})
        rebuild(record.folder)
        record.seal()
        assert undone(found).is_clean
        assert verify(record.folder).state == "ok"


def test_a_run_is_named_by_the_beginning_of_its_id() -> None:
    for run in ("abc1", "abc2", "xyz"):
        UndoLog.create(run)
    with pytest.raises(UnknownTarget, match="several runs begin with abc: abc1, abc2"):
        leftovers("abc")
    with pytest.raises(UnknownTarget, match="no run q"):
        leftovers("q")
    assert leftovers("x") == ([], [])


def test_a_log_of_a_newer_version_is_told_and_hides_no_other(world: World) -> None:
    inject(NOOP)
    newer = UndoLog.create("newer")
    newer.path.write_text('{"schema_version": 99, "kind": "run", "run": "newer"}\n')
    found, unreadable = leftovers()
    assert len(found) == 1
    assert len(unreadable) == 1 and "chaos undo --run newer" in unreadable[0]
    assert len(logs()) == 2
    assert signal.SIGKILL


def test_a_damaged_log_is_told_and_what_can_be_read_is_undone(abandoned: Callable[[], Path], world: World) -> None:
    abandoned()
    (log,) = logs()
    _, *rest = log.path.read_text().splitlines(keepends=True)
    log.path.write_text("garbled\n" + "".join(rest))
    found, unreadable = leftovers()
    assert len(unreadable) == 1 and f"cx-{log.run}-" in unreadable[0] and "chaos proxy list" in unreadable[0]
    assert undone(found[0]).is_clean
    assert not [toxic for proxy in world.client.proxies().values() for toxic in proxy.toxics]
    assert leftovers() == ([], [])


def test_trouble_with_one_run_is_its_own(abandoned: Callable[[], Path], monkeypatch: pytest.MonkeyPatch) -> None:
    abandoned()
    (found,), _ = leftovers()

    def impatient(log: UndoLog, waited: float) -> bool:
        raise UndoError("held for ever")

    with UndoLog(found.log.path).undoing():
        monkeypatch.setattr(UndoLog, "_may_wait", impatient)
        done = undone(found)
    assert not done.is_clean and done.problem == "held for ever" and done.as_json()["problem"] == "held for ever"


@pytest.mark.parametrize("where", ["replay", "_tell_record"])
def test_trouble_that_nobody_foresaw_is_its_own_too(
    abandoned: Callable[[], Path], monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    abandoned()
    (found,), _ = leftovers()

    def odd(*_: object, **__: object) -> None:
        raise TypeError("a list, and it should be text")

    monkeypatch.setattr(f"chaoslib_ext.faults.leftovers.{where}", odd)
    done = undone(found)
    assert not done.is_clean and done.problem == "TypeError: a list, and it should be text"


def test_a_log_with_a_record_that_is_none_is_undone_and_closed(abandoned: Callable[[], Path]) -> None:
    abandoned()
    (log,) = logs()
    log.path.write_text(log.path.read_text().replace('"record":"', '"record":5,"x":"'))
    (found,), _ = leftovers()
    undone(found)
    close_done()
    assert not log.read().open
