"""The log: durable, chained, shared by two processes, and never half-written."""

import fcntl
import json
import os
import resource
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from chaoslib_ext.clock import SYSTEM
from chaoslib_ext.errors import RecordBroken, RecordError, RecordNotWritable
from chaoslib_ext.model import Event
from chaoslib_ext.record import events as module
from chaoslib_ext.record.events import FIRST, EventLog, _Waiting, fingerprint


def lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def until(is_so: Callable[[], bool]) -> None:
    deadline = SYSTEM.monotonic() + 10
    while not is_so():
        assert SYSTEM.monotonic() < deadline
        SYSTEM.sleep(0.005)


def chain_holds(found: list[dict]) -> bool:
    heads = [FIRST, *(event["hash"] for event in found)]
    return all(
        event["seq"] == number and event["prev"] == heads[number - 1] and event["hash"] == fingerprint(event)
        for number, event in enumerate(found, start=1)
    )


def test_each_line_is_an_event_and_vouches_for_the_one_before(tmp_path: Path) -> None:
    log = EventLog(tmp_path / "e.jsonl")
    log.append("a", {"n": 1})
    log.append("b", {"set": {2, 1}, "ü": "\ud800"}, actor="watchdog")
    found = lines(tmp_path / "e.jsonl")
    assert [Event.model_validate(event).kind for event in found] == ["a", "b"]
    assert found[1]["data"] == {"set": [1, 2], "ü": "?"} and found[1]["actor"] == "watchdog"
    assert chain_holds(found)


def test_an_event_is_on_the_disk_before_it_is_acknowledged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced = []
    real = os.fsync
    monkeypatch.setattr(module.os, "fsync", lambda handle: (synced.append(os.fstat(handle).st_size), real(handle)))
    log = EventLog(tmp_path / "e.jsonl")
    log.append("a", {})
    assert synced[-1] == (tmp_path / "e.jsonl").stat().st_size > 0


def test_two_logs_on_one_file_take_turns(tmp_path: Path) -> None:
    first, second = EventLog(tmp_path / "e.jsonl"), EventLog(tmp_path / "e.jsonl")
    for number in range(6):
        (first, second)[number % 2].append("x", {"n": number})
    assert chain_holds(lines(tmp_path / "e.jsonl"))


def test_two_processes_and_many_threads_keep_one_chain(tmp_path: Path) -> None:
    path = tmp_path / "e.jsonl"
    program = (
        "import sys; from pathlib import Path; from chaoslib_ext.record.events import EventLog\n"
        "log = EventLog(Path(sys.argv[1]))\nfor n in range(40): log.append('child', {'n': n}, 'watchdog')"
    )
    child = subprocess.Popen([sys.executable, "-c", program, str(path)])
    log = EventLog(path)
    threads = [threading.Thread(target=lambda: [log.append("mine", {}) for _ in range(15)]) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert child.wait(60) == 0
    found = lines(path)
    assert len(found) == 85 and chain_holds(found)


def test_a_torn_last_line_is_cut_and_it_is_said(tmp_path: Path) -> None:
    path = tmp_path / "e.jsonl"
    EventLog(path).append("a", {})
    with path.open("ab") as file:
        file.write(b'{"schema_version":1,"seq":2,"ti')
    EventLog(path).append("b", {})
    found = lines(path)
    assert [event["kind"] for event in found] == ["a", "record.repaired", "b"]
    assert found[1]["data"]["cut_bytes"] == 31
    assert chain_holds(found)


def test_a_last_line_that_is_no_event_stops_the_log(tmp_path: Path) -> None:
    path = tmp_path / "e.jsonl"
    path.write_text("hello\n")
    with pytest.raises(RecordBroken, match="no event"):
        EventLog(path).append("a", {})
    assert path.read_text() == "hello\n"


def test_a_log_cut_behind_our_back_is_not_gone_on_with(tmp_path: Path) -> None:
    log = EventLog(tmp_path / "e.jsonl")
    log.append("a", {})
    os.truncate(tmp_path / "e.jsonl", 10)
    with pytest.raises(RecordBroken, match="cut behind our back"):
        log.append("b", {})


@pytest.mark.parametrize("number", [28, 5])  # ENOSPC, EIO
def test_a_failing_disk_is_told_and_leaves_no_half_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    log = EventLog(tmp_path / "e.jsonl")
    log.append("a", {})
    whole = (tmp_path / "e.jsonl").read_bytes()

    def fail(handle: int) -> None:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr(module.os, "fsync", fail)
        with pytest.raises(RecordNotWritable, match=r"cannot write .*e\.jsonl.*CHAOS_JOURNAL_DIR"):
            log.append("b", {})
    assert (tmp_path / "e.jsonl").read_bytes() == whole
    log.append("c", {})
    assert [event["kind"] for event in lines(tmp_path / "e.jsonl")] == ["a", "c"]
    assert chain_holds(lines(tmp_path / "e.jsonl"))


def test_a_full_disk_cuts_what_was_half_written(tmp_path: Path) -> None:
    log = EventLog(tmp_path / "e.jsonl")
    log.append("a", {})
    whole = (tmp_path / "e.jsonl").read_bytes()
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (len(whole) + 100, before[1]))
        with pytest.raises(RecordNotWritable):
            log.append("b", {"long": "x" * 1000})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert (tmp_path / "e.jsonl").read_bytes() == whole


def test_a_lock_that_is_never_given_back_does_not_hang(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PATIENCE", 0.2)
    log = EventLog(tmp_path / "e.jsonl")
    with (tmp_path / "e.jsonl").open("rb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(RecordNotWritable, match="another process has had its lock"):
            log.append("a", {})
    log.append("b", {})


def test_the_log_is_for_its_owner_alone(tmp_path: Path) -> None:
    EventLog(tmp_path / "e.jsonl")
    assert (tmp_path / "e.jsonl").stat().st_mode & 0o777 == 0o600


def test_who_comes_while_the_disk_is_busy_is_synced_with_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One sync for many, and nobody is told before it is done."""
    log = EventLog(tmp_path / "e.jsonl")
    real, syncs, waiting, go_on = os.fsync, [], threading.Event(), threading.Event()

    def slow(descriptor: int) -> None:
        syncs.append(len((tmp_path / "e.jsonl").read_bytes().splitlines()))
        waiting.set()
        assert go_on.wait(10)
        real(descriptor)

    monkeypatch.setattr(os, "fsync", slow)
    with ThreadPoolExecutor(9) as pool:
        first = pool.submit(log.append, "first", {})
        assert waiting.wait(10)
        others = [pool.submit(log.append, "other", {"n": number}) for number in range(8)]
        until(lambda: len(log._waiting) == 9)
        assert not first.done() and not any(one.done() for one in others)
        go_on.set()
        seen = {one.result(10)["seq"] for one in [first, *others]}
    assert seen == set(range(1, 10))
    assert syncs == [1, 9], "one for the first, one for all the others"
    assert [one["prev"] for one in lines(tmp_path / "e.jsonl")][1:] == [
        one["hash"] for one in lines(tmp_path / "e.jsonl")
    ][:-1]


def test_a_disk_that_fails_is_told_to_everybody_who_was_to_be_synced_by_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = EventLog(tmp_path / "e.jsonl")
    log.append("before", {})
    waiting, go_on = threading.Event(), threading.Event()

    def fails(descriptor: int) -> None:
        waiting.set()
        assert go_on.wait(10)
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as broken, ThreadPoolExecutor(5) as pool:
        broken.setattr(os, "fsync", fails)
        tried = [pool.submit(log.append, "first", {})]
        assert waiting.wait(10)
        tried += [pool.submit(log.append, "other", {}) for _ in range(4)]
        until(lambda: len(log._waiting) == 5)
        go_on.set()
        assert all(isinstance(one.exception(10), RecordNotWritable) for one in tried)
    assert [one["kind"] for one in lines(tmp_path / "e.jsonl")] == ["before"]
    assert log.append("after", {})["seq"] == 2


def test_of_events_that_come_together_none_gets_behind_the_last(tmp_path: Path) -> None:
    log = EventLog(tmp_path / "e.jsonl")
    log._waiting += [_Waiting("run.finished", {}, "runner", True), late := _Waiting("late", {}, "runner", False)]
    with pytest.raises(RecordError, match="also late came too late"):
        log.append("also late", {})
    assert late.error and [one["kind"] for one in lines(tmp_path / "e.jsonl")] == ["run.finished"]
    assert log.seal()["seq"] == 2
