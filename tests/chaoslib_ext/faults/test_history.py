"""What was on at a moment, from records and from undo logs."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from chaoslib_ext.clock import SYSTEM, FakeClock
from chaoslib_ext.faults.history import on_at
from chaoslib_ext.faults.inject import inject
from chaoslib_ext.faults.run import current, end_current
from chaoslib_ext.faults.toxic import Toxic
from chaoslib_ext.record.record import Record
from chaoslib_ext.testing.faults import World

pytestmark = pytest.mark.joins("faults", "record")

START = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


def at(minute: float) -> datetime:
    return START + timedelta(minutes=minute)


@pytest.fixture
def recorded() -> Path:
    """A run at 3:00: latency on web from 3:01 to 3:03, on db from 3:02 and never undone."""
    clock = FakeClock(START)
    record = Record.create("Why?", run_id="7f3aaa", clock=clock)
    record.append("run.started", {"who": "sre-1", "host": "box", "journal": {"experiment": {"title": "Why?"}}})

    def put(undo: int, proxy: str) -> None:
        clock.sleep(60)
        target = {"server": "http://127.0.0.1:8474", "proxy": proxy, "listen": "", "upstream": ""}
        record.append("fault.applied", {"undo": undo, "fault": "latency", "target": target})

    put(1, "web")
    put(2, "db")
    clock.sleep(60)
    record.append("fault.undone", {"id": 1, "status": "undone", "verified": True})
    record.close()
    return record.folder


@pytest.mark.parametrize(
    ("minute", "expected"), [(0.5, []), (1.5, ["web"]), (2.5, ["web", "db"]), (3.5, ["db"]), (600, ["db"])]
)
def test_on_from_when_it_went_in_until_it_came_out(recorded: Path, minute: float, expected: list[str]) -> None:
    found, problems = on_at(at(minute))
    assert not problems and [one.proxy for one in found] == expected


def test_who_and_by_which_events(recorded: Path) -> None:
    found, _ = on_at(at(2.5))
    assert (found[0].by, found[0].run, found[0].title, found[0].events) == ("sre-1@box", "7f3aaa", "Why?", (3, 5))
    assert found[1].events == (4,) and found[1].until is None


def test_only_these_proxies(recorded: Path) -> None:
    assert [one.proxy for one in on_at(at(2.5), ["db"])[0]] == ["db"]
    assert on_at(at(2.5), [])[0] == []


def test_a_record_that_cannot_be_read_is_said_and_hides_no_other(recorded: Path) -> None:
    clock = FakeClock(START)
    broken = Record.create("Broken", clock=clock).folder
    (broken / "events.jsonl").write_text("{\n")
    found, (problem,) = on_at(at(1.5))
    assert [one.proxy for one in found] == ["web"] and broken.name in problem


def test_a_run_without_a_record_is_told_from_its_undo_log(world: World, monkeypatch: Any) -> None:
    before = SYSTEM.wall()
    inject(Toxic(proxy="web-http", type="noop"))
    run = current().id
    (one,), problems = on_at(SYSTEM.wall())
    assert not problems and (one.run, one.proxy, one.events, one.record) == (run, "web-http", (), None)
    assert on_at(before)[0] == []
    end_current()
    assert on_at(SYSTEM.wall())[0] == []


def test_an_undo_log_that_was_written_into_hides_no_other(world: World) -> None:
    inject(Toxic(proxy="web-http", type="noop"))
    other = current().log.path.with_name("0000aa.jsonl")
    other.write_text(current().log.path.read_text().replace('"time":"2', '"time":"yesterday or 2'))
    other.chmod(0o600)
    assert [one.proxy for one in on_at(SYSTEM.wall())[0]] == ["web-http"]
    other.unlink()
