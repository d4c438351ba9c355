"""Records of the dead are closed by whoever looks next; those of the living and those that look cut stay."""

import platform
import subprocess
import sys
from dataclasses import asdict
from datetime import UTC, datetime, timedelta

import pytest

from chaoslib_ext.clock import FakeClock
from chaoslib_ext.faults.unfinished import close_dead
from chaoslib_ext.model import Verdict
from chaoslib_ext.record.read import events, verify
from chaoslib_ext.record.rebuild import rebuild
from chaoslib_ext.record.record import EVENTS, NEXT, SEAL, Record
from chaoslib_ext.record.story import read
from chaoslib_ext.undo.log import UndoLog
from chaoslib_ext.undo.owner import Owner
from chaoslib_ext.undo.presence import WATCHDOG


@pytest.fixture
def later() -> FakeClock:
    """Half a minute from now: no watchdog is still at it."""
    return FakeClock(datetime.now(UTC) + timedelta(seconds=30))


@pytest.fixture
def dead() -> Owner:
    """A process that was there."""
    code = "from chaoslib_ext.undo.owner import Owner; o = Owner.this(); print(o.pid, o.create_time, o.boot_id)"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    return Owner(int(said[0]), float(said[1]), said[2])


def left_by(owner: Owner, host: str = platform.node()) -> Record:
    record = Record.create("Why?", owner={**asdict(owner), "host": host})
    record.append("run.started", {"journal": {}})
    return record


def test_one_that_no_watchdog_ever_watched_is_closed(dead: Owner) -> None:
    folder = left_by(dead).folder
    assert close_dead() == [folder] and close_dead() == []
    assert verify(folder).state == "ok" and read(folder).verdict is Verdict.INTERRUPTED
    assert [(event["kind"], event["actor"]) for event in events(folder)][-2:] == [
        ("run.died", "hand"),
        ("record.sealed", "hand"),
    ]


def test_one_that_is_being_written_is_left_alone(later: FakeClock) -> None:
    folder = left_by(Owner.this()).folder
    assert close_dead(later) == [] and verify(folder).state == "open"


def test_of_another_host_nothing_is_known(dead: Owner, later: FakeClock) -> None:
    """A journal folder may be shared; a pid of elsewhere says nothing here."""
    left_by(dead, "elsewhere")
    assert close_dead(later) == []


def test_a_watchdog_gets_its_time(dead: Owner, later: FakeClock) -> None:
    record = left_by(dead)
    log = UndoLog.create(record.id, record=record.folder)
    log.leave()
    assert close_dead() == []
    log.be_there(WATCHDOG)
    assert close_dead(later) == [], "it is at it"
    log.leave()
    assert close_dead(later) == [record.folder]


@pytest.mark.parametrize("is_there", [False, True])
def test_one_that_died_before_its_seal_was_in_place(is_there: bool, dead: Owner, later: FakeClock) -> None:
    """Whoever sealed it could not close its log any more; where somebody is still at it, he will."""
    record = left_by(dead)
    log = UndoLog.create(record.id, record=record.folder)
    log.leave()
    if is_there:
        log.be_there(WATCHDOG)
    rebuild(record.folder)
    record.seal()
    (record.folder / SEAL).rename(record.folder / NEXT)
    assert close_dead(later) == [record.folder] and verify(record.folder).state == "ok"
    assert log.read().closed is not is_there
    log.leave()


def test_faults_that_may_still_be_in_are_first_undone(dead: Owner, later: FakeClock) -> None:
    record = left_by(dead)
    log = UndoLog.create(record.id, record=record.folder)
    undo = '{"id":1,"driver":"proxy","op":"remove_toxic","args":{"toxic":"x"},"says":"remove it"}'
    with log.path.open("a") as file:
        file.write(f'{{"schema_version":1,"kind":"intent","undo":{undo}}}\n')
    assert close_dead(later) == [] and verify(record.folder).state == "open"


def test_killed_before_its_first_event(later: FakeClock) -> None:
    folder = Record.create("x").folder
    (folder / EVENTS).write_bytes(b"")
    assert close_dead() == []
    assert close_dead(later) == [folder]
    assert verify(folder).state == "ok" and events(folder)[0]["data"]["why"] == "killed before its first event"


def test_one_that_was_cut_is_never_made_whole(dead: Owner, later: FakeClock) -> None:
    cut, over = left_by(dead), left_by(dead)
    cut.seal()
    (cut.folder / SEAL).unlink()
    UndoLog.create(over.id, record=over.folder).close()
    assert close_dead(later) == []
    assert {verify(cut.folder).state, verify(over.folder).state} == {"open"}


def test_one_that_cannot_be_read_does_not_hide_the_others(dead: Owner) -> None:
    bad, good = left_by(dead), left_by(dead)
    (bad.folder / EVENTS).write_bytes(b"\xff\n")
    assert close_dead() == [good.folder]
