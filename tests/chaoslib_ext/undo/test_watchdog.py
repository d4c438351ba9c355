"""The watchdog's mind, with a real process to watch and undos that touch only memory."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from chaoslib_ext.clock import SYSTEM, boot_id
from chaoslib_ext.errors import GuardRefused
from chaoslib_ext.model import Deadline, Undo
from chaoslib_ext.undo.log import UndoLog
from chaoslib_ext.undo.owner import Owner, started_at
from chaoslib_ext.undo.watchdog import Watchdog, death_of


class Watched:
    """A watchdog in a thread, over a process of the test."""

    def __init__(self, log: UndoLog, world: Any, lease_s: float = 0.0) -> None:
        self.child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
        self.owner = Owner(self.child.pid, started_at(self.child.pid) or 0, boot_id())
        self.hears, self.says = os.pipe()
        self.told: list[tuple[str, int, str]] = []
        self.after: list[tuple[list[str], bool]] = []
        self.loaded = 0
        self.undone = threading.Event()
        self.world = world
        self.lapsed: list[str] = []
        self.dog = Watchdog(
            log,
            self.undoers,
            control=self.hears,
            on_result=self.on_result,
            after=self.on_after,
            on_lapse=self.lapsed.append,
            lease_s=lease_s,
        )
        self.thread = threading.Thread(target=self.dog.watch, args=(death_of(self.owner),), daemon=True)
        self.thread.start()

    def undoers(self) -> Any:
        self.loaded += 1
        return self.world.undoers

    def on_result(self, reason: str) -> Any:
        def tell(intent: Any, result: Any) -> None:
            self.told.append((reason, intent.id, result.status))
            self.undone.set()

        return tell

    def on_after(self, log: UndoLog, results: Any, last: bool) -> None:
        self.after.append(([one.status for one in results], last))

    def kill(self) -> None:
        self.child.kill()

    def say(self, word: bytes) -> None:
        os.write(self.says, word)

    def ends(self) -> bool:
        self.thread.join(10)
        return not self.thread.is_alive()


@pytest.fixture
def log() -> UndoLog:
    log = UndoLog.create("r")
    log.note_server("s")
    return log


@pytest.fixture
def watched(log: UndoLog, world: Any) -> Iterator[Watched]:
    it = Watched(log, world)
    yield it
    it.child.kill()
    it.child.communicate()
    assert it.ends()
    os.close(it.says)


def test_death_is_seen_and_everything_undone(
    log: UndoLog, world: Any, watched: Watched, an_undo: Callable[..., Undo]
) -> None:
    log.intend(an_undo(1))
    log.intend(an_undo(2))
    watched.say(b"look\n")
    watched.kill()
    assert watched.ends()
    assert not world.faults
    assert watched.told == [("death", 2, "undone"), ("death", 1, "undone")]
    assert watched.after == [(["undone", "undone"], True)]
    assert log.read().closed


def test_death_is_seen_although_a_child_of_the_dead_holds_the_pipe(
    log: UndoLog, world: Any, watched: Watched, an_undo: Callable[..., Undo]
) -> None:
    log.intend(an_undo(1))
    heir = os.dup(watched.says)  # the pipe stays open: its end tells nothing
    watched.kill()
    assert watched.ends()
    os.close(heir)
    assert not world.faults


def test_a_closed_pipe_is_no_death(log: UndoLog, world: Any, watched: Watched, an_undo: Callable[..., Undo]) -> None:
    log.intend(an_undo(1))
    os.dup2(os.open(os.devnull, os.O_WRONLY), watched.says)
    watched.thread.join(0.2)
    assert watched.thread.is_alive()
    assert world.faults


def test_a_deadline_is_kept_also_when_nobody_can_tell_of_it_any_more(
    log: UndoLog, world: Any, watched: Watched, an_undo: Callable[..., Undo]
) -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), watched.says)
    watched.thread.join(0.2)
    deadline = Deadline(boot_id=boot_id(), boot_seconds=SYSTEM.boot(), wall=SYSTEM.wall())
    log.intend(an_undo(1, deadline=deadline))
    assert watched.undone.wait(10)
    assert not world.faults


def test_a_pid_given_to_another_process_is_not_the_runner() -> None:
    owner = Owner.this()
    assert death_of(Owner(owner.pid, owner.create_time - 1, owner.boot_id)) is None
    alive = death_of(owner)
    assert alive is not None
    os.close(alive)


def test_drivers_are_loaded_when_the_first_undo_is_written_not_before(watched: Watched, log: UndoLog) -> None:
    assert watched.loaded == 0
    watched.say(b"look\n")
    deadline = SYSTEM.monotonic() + 5
    while not watched.loaded and SYSTEM.monotonic() < deadline:
        SYSTEM.sleep(0.01)
    assert watched.loaded == 1


def test_a_deadline_is_kept_while_the_runner_lives(
    log: UndoLog, world: Any, watched: Watched, an_undo: Callable[..., Undo]
) -> None:
    in_time = Deadline(boot_id=boot_id(), boot_seconds=SYSTEM.boot() + 0.3, wall=SYSTEM.wall() + timedelta(seconds=0.3))
    log.intend(an_undo(1, deadline=in_time))
    log.intend(an_undo(2))
    watched.say(b"look\n")
    assert watched.undone.wait(10)
    assert SYSTEM.boot() >= in_time.boot_seconds
    assert watched.told == [("deadline", 1, "undone")]
    assert world.faults == {"fault-2"}
    assert watched.child.poll() is None


def test_bye_ends_it_only_when_nothing_is_left(
    log: UndoLog, world: Any, watched: Watched, an_undo: Callable[..., Undo]
) -> None:
    log.intend(an_undo(1))
    watched.say(b"bye\n")
    watched.thread.join(0.2)
    assert watched.thread.is_alive()
    world.faults.clear()
    log.close()
    watched.say(b"bye\n")
    assert watched.ends()
    assert watched.after == []


def test_what_resists_is_tried_again_until_it_yields(
    log: UndoLog, world: Any, watched: Watched, an_undo: Callable[..., Undo], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chaoslib_ext.undo.watchdog._LATER", (0.01, 0.01, 0.01))
    log.intend(an_undo(1))
    world.resist["fault-1"] = 5
    watched.kill()
    assert watched.ends()
    assert watched.after == [(["failed"], False), (["undone"], True)]
    assert log.read().closed


def test_what_never_yields_stays_open_for_a_person(
    log: UndoLog, world: Any, watched: Watched, an_undo: Callable[..., Undo], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chaoslib_ext.undo.watchdog._LATER", (0.01,))
    log.intend(an_undo(1))
    world.resist["fault-1"] = 99
    watched.kill()
    assert watched.ends()
    assert watched.after[-1] == (["failed"], True)
    assert not log.read().closed and log.read().open


def test_a_fault_that_lands_after_its_undo_is_undone_again(
    log: UndoLog, world: Any, watched: Watched, an_undo: Callable[..., Undo]
) -> None:
    """The dead runner's last request may still have been on its way to the server."""
    log.intend(an_undo(1))
    world.faults.clear()
    watched.say(b"look\n")
    watched.kill()
    assert watched.undone.wait(10)
    world.faults.add("fault-1")
    assert watched.ends()
    assert not world.faults


def test_a_state_between_is_not_what_its_target_is_put_back_to(
    log: UndoLog, world: Any, watched: Watched, an_undo: Callable[..., Undo]
) -> None:
    """Two undos of the same thing: the older one undid what the newer one had put back."""
    for id, name in ((1, "older"), (2, "newer"), (3, "other")):
        args = {"name": name, "server": "s", "subject": "other" if name == "other" else "web"}
        log.intend(an_undo(id, name, args=args))
    world.faults.clear()
    watched.say(b"look\n")
    watched.kill()
    assert watched.undone.wait(10)
    world.faults.update({"older", "newer", "other"})
    assert watched.ends()
    assert world.faults == {"newer"}


def test_a_log_that_is_gone_means_that_nothing_was_ever_injected(watched: Watched, log: UndoLog) -> None:
    log.remove()
    watched.say(b"bye\n")
    assert watched.ends()
    assert watched.after == []


@pytest.fixture
def leased(log: UndoLog, world: Any) -> Iterator[Watched]:
    """A watchdog with a lease of under a second."""
    it = Watched(log, world, lease_s=0.6)
    yield it
    it.child.kill()
    it.child.communicate()
    assert it.ends()
    os.close(it.says)


def test_a_silent_runner_loses_its_faults_and_may_put_no_more_in(
    log: UndoLog, world: Any, leased: Watched, an_undo: Callable[..., Undo]
) -> None:
    log.intend(an_undo(1))
    leased.say(b"beat\n")
    assert leased.undone.wait(10)
    assert leased.told == [("lease", 1, "undone")] and not world.faults
    assert leased.child.poll() is None and log.read().lapsed
    with pytest.raises(GuardRefused):
        log.intend(an_undo(2))


def test_one_that_speaks_keeps_them(log: UndoLog, world: Any, leased: Watched, an_undo: Callable[..., Undo]) -> None:
    log.intend(an_undo(1))
    for _ in range(12):
        leased.say(b"beat\n")
        SYSTEM.sleep(0.1)
    assert world.faults and not leased.told


def test_one_that_never_spoke_has_no_lease(
    log: UndoLog, world: Any, leased: Watched, an_undo: Callable[..., Undo]
) -> None:
    log.intend(an_undo(1))
    leased.thread.join(1.0)
    assert world.faults and not leased.told


def test_silence_without_a_fault_costs_nothing(
    log: UndoLog, world: Any, leased: Watched, an_undo: Callable[..., Undo]
) -> None:
    leased.say(b"beat\n")
    leased.thread.join(1.2)
    assert log.read().lapsed is None
    log.intend(an_undo(1))


def test_what_a_runner_brings_in_as_it_wakes_up_is_undone_again(
    log: UndoLog, world: Any, leased: Watched, an_undo: Callable[..., Undo]
) -> None:
    """It was stopped between the undo on the disk and the request."""
    log.intend(an_undo(1))
    leased.say(b"beat\n")
    assert leased.undone.wait(10)
    world.faults.add("fault-1")
    leased.say(b"beat\n")
    deadline = SYSTEM.monotonic() + 10
    while world.faults:
        assert SYSTEM.monotonic() < deadline
        SYSTEM.sleep(0.01)


def test_and_what_it_brings_in_with_its_last_breath_too(
    log: UndoLog, world: Any, leased: Watched, an_undo: Callable[..., Undo]
) -> None:
    log.intend(an_undo(1))
    leased.say(b"beat\n")
    assert leased.undone.wait(10)
    world.faults.add("fault-1")
    leased.kill()
    assert leased.ends()
    assert not world.faults
