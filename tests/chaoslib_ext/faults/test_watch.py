"""The watchdog's process tells the record: what it undid, that the run died, and then closes it."""

import fcntl
import json
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from chaoslib_ext.clock import SYSTEM
from chaoslib_ext.faults.watch import _Teller
from chaoslib_ext.record.read import events
from chaoslib_ext.record.rebuild import rebuild, verify
from chaoslib_ext.record.record import Record
from chaoslib_ext.testing.faults import World
from chaoslib_ext.undo.log import UndoLog

RUNNER = """
    import os, signal, sys
    from chaoslib_ext.faults import run
    from chaoslib_ext.faults.inject import inject
    from chaoslib_ext.faults.toxic import Toxic
    from chaoslib_ext.record.record import Record
    record = Record.create("Why?")
    run.begin(record)
    print(record.folder, flush=True)
    inject(Toxic(proxy="web-http", type="noop"))
"""


def killed(more: str = "") -> Path:
    """The record of a run that put a fault in, did `more`, and was killed."""
    code = textwrap.dedent(RUNNER + more) + "\nos.kill(os.getpid(), signal.SIGKILL)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    return Path(done.stdout.strip())


def until(is_so: Callable[[], Any]) -> None:
    deadline = SYSTEM.monotonic() + 10
    while not is_so():
        assert SYSTEM.monotonic() < deadline
        SYSTEM.sleep(0.02)


def test_the_record_of_a_killed_run_is_closed_valid_and_says_who_undid_what(world: World) -> None:
    folder = killed()
    until(lambda: verify(folder).state == "ok")
    found = events(folder)
    assert [one["kind"] for one in found[-4:]] == ["run.died", "fault.undone", "lock.released", "record.sealed"]
    assert all(one["actor"] == "watchdog" for one in found[-4:])
    assert (found[-3]["data"]["by"], found[-3]["data"]["reason"]) == ("watchdog", "death")
    assert json.loads((folder / "journal.json").read_text())["status"] == "interrupted"
    assert not world.client.toxics("web-http")


def test_a_run_killed_after_its_last_word_did_not_die(world: World) -> None:
    folder = killed("\n    run.current().undo_all()\n    record.append('run.finished', {'status': 'completed'})")
    until((folder / "journal.json").exists)
    until(lambda: verify(folder).state == "ok")
    assert "run.died" not in [one["kind"] for one in events(folder)]


def test_a_record_that_is_gone_stops_no_undo(world: World, tmp_path: Path) -> None:
    killed("\n    import shutil; shutil.rmtree(record.folder)")
    until(lambda: not world.client.toxics("web-http"))
    log = tmp_path / "state" / "watchdog.log"
    until(lambda: "could not" in log.read_text())


def test_a_deadline_is_told_with_its_reason(world: World) -> None:
    code = textwrap.dedent(RUNNER).replace('type="noop"', 'type="noop", duration="300ms"') + "sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as one:
        assert one.stdout
        folder = Path(one.stdout.readline().strip())
        until(lambda: "fault.undone" in [event["kind"] for event in events(folder)])
        assert [toxic.name for toxic in world.client.toxics("web-http")] == ["cx-lock"]  # its run goes on
        os.kill(one.pid, signal.SIGCONT)
        one.communicate("")
    told = [event["data"] for event in events(folder) if event["kind"] == "fault.undone"]
    assert [(event["by"], event["reason"]) for event in told] == [("watchdog", "deadline")]


@pytest.fixture
def teller(journal: Record) -> _Teller:
    """It tells the record `journal`, as the watchdog of that run."""
    log = UndoLog.create(journal.id, record=journal.folder)
    header = log.read().header
    assert header
    return _Teller(log, header)


@pytest.fixture
def journal() -> Iterator[Record]:
    with closing(Record.create("Why?")) as record:
        yield record


def test_what_is_told_behind_the_runners_seal_is_sealed_again(teller: _Teller, journal: Record) -> None:
    """A runner that was stopped and woke up may come to its end before its watchdog has told what it did."""
    journal.finish({"verdict": "aborted"})
    rebuild(journal.folder)
    journal.seal()
    teller.on_lapse("it hung")
    teller.close()
    assert [one["kind"] for one in events(journal.folder)[-3:]] == ["record.sealed", "lease.lapsed", "record.sealed"]
    assert verify(journal.folder).state == "ok"


def test_what_could_not_be_told_is_told_once_more_at_the_end(
    teller: _Teller, journal: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chaoslib_ext.record.events._PATIENCE", 0.05)
    with (journal.folder / "events.jsonl").open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # as one has it who was stopped in the middle of a line
        teller.on_lapse("it hung")
        SYSTEM.sleep(0.3)
    teller.close()
    assert events(journal.folder)[-1]["kind"] == "lease.lapsed"


def test_a_log_without_a_head_is_nothing_to_watch(tmp_path: Path) -> None:
    from chaoslib_ext.faults.watch import main

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("chaoslib_ext.faults.watch._be_deaf_to_signals", lambda: None)
        empty = tmp_path / "empty.jsonl"
        empty.write_bytes(b"")
        assert main(str(empty)) == 1


@pytest.mark.parametrize(("content", "code"), [(None, 0), ('{"schema_version":99,"kind":"run"}\n', 1)])
def test_a_run_that_is_over_is_left_in_silence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, content: str | None, code: int
) -> None:
    """A run without a fault takes its log away, perhaps before its watchdog is up. Any other trouble is one line."""
    from chaoslib_ext.faults.watch import main

    monkeypatch.setattr("chaoslib_ext.faults.watch._be_deaf_to_signals", lambda: None)
    log = tmp_path / "7f3a.jsonl"
    if content:
        log.write_text(content)
    assert main(str(log)) == code
    assert len(caplog.messages) == code


def test_a_watchdog_that_cannot_have_its_threads_does_not_get_ready(
    world: World, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    from chaoslib_ext.faults.watch import main

    def none(self: object) -> None:
        raise RuntimeError("can't start new thread")

    log = UndoLog.create("7f3b")
    monkeypatch.setattr("chaoslib_ext.faults.watch._be_deaf_to_signals", lambda: None)
    monkeypatch.setattr("chaoslib_ext.faults.watch.Worker.start", none)
    assert main(str(log.path)) == 1
    assert "ready" not in capfd.readouterr().out
