"""A run: begun, armed, undone, closed; with our control and without."""

import json
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chaoslib_ext.clock import boot_id
from chaoslib_ext.errors import GuardRefused, UndoNotDurable, WatchdogMissing
from chaoslib_ext.faults import run as run_module
from chaoslib_ext.faults.inject import inject
from chaoslib_ext.faults.run import begin, current, end_current
from chaoslib_ext.faults.standby import Standby
from chaoslib_ext.faults.toxic import Toxic
from chaoslib_ext.proxy import undo as proxy_undo
from chaoslib_ext.testing.faults import World
from chaoslib_ext.undo.log import UndoLog, logs


@pytest.fixture
def noop() -> Toxic:
    return Toxic(proxy="web-http", type="noop")


def test_without_a_control_a_run_begins_by_itself_and_is_one() -> None:
    assert current() is current()
    end_current()
    assert not logs(), "a run that never wrote an undo leaves a log"


def test_a_run_has_the_id_it_is_given_or_its_records(tmp_path: Path) -> None:
    class Record:
        folder, id = tmp_path, "7f3a00"

        def append(self, kind: str, data: dict[str, Any], actor: str = "runner") -> None: ...

    assert begin(run_id="a1").id == "a1"
    run = begin(Record(), title="Why?")
    assert run.id == "7f3a00"
    header = run.log.read().header
    assert header and header.record == str(tmp_path)
    end_current()


def test_a_run_whose_log_cannot_be_written_does_not_begin(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "a-file"
    file.write_text("")
    monkeypatch.setenv("CHAOS_STATE_DIR", str(tmp_path / "state"))
    begin(run_id="x")
    with pytest.raises(UndoNotDurable):
        begin(run_id="x2").log.create("x2")
    end_current()


def test_the_next_run_undoes_what_the_last_one_left_open(world: World, noop: Toxic) -> None:
    inject(noop)
    first = current()
    second = begin()
    assert not first.is_open and second.is_open
    assert not world.client.toxics("web-http")
    assert first.log.read().closed


def test_undo_all_twice_is_harmless_and_close_says_goodbye_to_the_watchdog(world: World, noop: Toxic) -> None:
    inject(noop)
    run = current()
    assert [one.status for one in run.undo_all()] == ["undone"]
    assert run.undo_all() == []
    watchdog = run.watchdog
    run.close()
    assert not watchdog.is_alive()
    run.close()


def test_with_a_fault_left_the_watchdog_stays(world: World, noop: Toxic, monkeypatch: pytest.MonkeyPatch) -> None:
    inject(noop)
    run = current()
    run.close()
    assert run.watchdog.is_alive()
    assert [one.says.split()[0] for one in run.log.read().open] == ["give", "remove"]
    run.undo(None, "hand")
    run.log.close()
    run.watchdog._process.kill()


def test_a_forked_child_gets_a_run_of_its_own() -> None:
    mine = current()
    pid = os.fork()
    if pid == 0:
        os._exit(0 if current().id != mine.id else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert current() is mine


def test_ctrl_c_while_undoing_is_heard_afterwards(
    world: World, noop: Toxic, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    inject(noop)
    real = proxy_undo.Client.remove_toxic

    def interrupted(*arguments: Any) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        real(*arguments)

    monkeypatch.setattr(proxy_undo.Client, "remove_toxic", interrupted)
    with pytest.raises(KeyboardInterrupt):
        current().undo_all("hand")
    assert not world.client.toxics("web-http")
    assert "Undoing" in capfd.readouterr().err


def test_what_is_left_at_the_end_is_told_with_the_command(
    world: World, noop: Toxic, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    inject(noop)
    run = current()
    with monkeypatch.context() as resisting:
        resisting.setattr(run_module.undoers, "load", lambda: {"proxy": {}})
        end_current()
    assert "NOT UNDONE" in caplog.text and "curl -sS -X DELETE" in caplog.text
    run.undo(None, "hand")
    run.watchdog._process.kill()


def test_a_watchdog_that_dies_is_replaced_at_once(world: World, noop: Toxic) -> None:
    inject(noop)
    first = current().watchdog.pid
    os.kill(first, signal.SIGKILL)
    _until(lambda: current().watchdog.pid != first and current().watchdog.is_alive())


def test_a_watchdog_that_dies_before_it_is_ready_is_replaced_too(
    world: World, noop: Toxic, monkeypatch: pytest.MonkeyPatch
) -> None:
    inject(noop)
    first = current().watchdog
    real, killed = Standby.be_ready, []

    def killed_on_its_way(self: Standby, within: float = 10.0) -> bool:
        if not self._ready and len(killed) < 2:
            self._process.kill()
            killed.append(self.pid)
        return real(self, within)

    monkeypatch.setattr(Standby, "be_ready", killed_on_its_way)
    first._process.kill()
    _until(lambda: len(killed) == 2)
    _until(lambda: current().watchdog.pid not in (first.pid, *killed) and current().watchdog._ready)


def test_a_run_begins_by_saying_what_dead_ones_left(an_abandoned_log: str, caplog: pytest.LogCaptureFixture) -> None:
    begin()
    assert f"run {an_abandoned_log}, dead since before this left something that could not be undone" in caplog.text
    assert f"chaos undo --run {an_abandoned_log}" in caplog.text
    end_current()


@pytest.fixture
def an_abandoned_log() -> str:
    """The log of a run of an earlier boot, with one undo open."""
    log = UndoLog.create("gone")
    undo = {"id": 1, "schema_version": 1, "args": {"proxy": "web"}, "driver": "proxy", "op": "remove_toxic"}
    text = log.path.read_text().replace(boot_id(), "an-earlier-boot")
    log.path.write_text(text + json.dumps({"kind": "intent", "undo": undo}) + "\n")
    return log.run


def _until(is_so: Callable[[], bool]) -> None:
    from chaoslib_ext.clock import SYSTEM

    deadline = SYSTEM.monotonic() + 10
    while not is_so():
        assert SYSTEM.monotonic() < deadline
        SYSTEM.sleep(0.01)


def test_a_fault_cannot_slip_into_a_run_that_is_over() -> None:
    run = begin()
    run.close()
    with pytest.raises(GuardRefused, match="is over"):
        run.intend(lambda id, earlier: pytest.fail("an undo was made"))


def test_without_its_threads_a_run_puts_nothing_in(world: World, noop: Toxic, monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*_: object) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr("chaoslib_ext.faults.run.Heartbeat", none)
    with pytest.raises(WatchdogMissing, match="nothing was injected"):
        inject(noop)
    assert not world.client.toxics("web-http")
