"""Whoever comes first after a crash of everything finishes the job; a living run and one that is watched are let be."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from chaoslib_ext.clock import boot_id
from chaoslib_ext.faults import aftermath
from chaoslib_ext.faults.inject import inject
from chaoslib_ext.faults.leftovers import leftovers
from chaoslib_ext.faults.run import current
from chaoslib_ext.faults.toxic import Toxic
from chaoslib_ext.testing.faults import World
from chaoslib_ext.undo.log import UndoLog, logs
from chaoslib_ext.undo.presence import WATCHDOG

pytestmark = pytest.mark.joins("faults", "undo")


@pytest.fixture
def run(world: World) -> Iterator[UndoLog]:
    """The log of a run with a fault in, whose process is this one."""
    inject(Toxic(proxy="web-http", type="noop"))
    yield current().log
    world.client.reset()


def rebooted(log: UndoLog) -> None:
    """As it looks after the machine started again, only that the server has not gone with it."""
    here, earlier = (f'"boot_id":"{id}"' for id in (boot_id(), "an-earlier-boot"))
    log.path.write_text(log.path.read_text().replace(here, earlier))


def toxics(world: World) -> list[str]:
    return [toxic.name for proxy in world.client.proxies().values() for toxic in proxy.toxics]


def test_a_run_that_lives_is_let_be(world: World, run: UndoLog) -> None:
    assert aftermath.finish() == []
    assert len(toxics(world)) == 2


def test_what_a_reboot_left_is_undone_and_said_in_one_line(world: World, run: UndoLog) -> None:
    rebooted(run)
    (done,) = aftermath.finish()
    assert not toxics(world) and done.is_clean
    said = aftermath.in_words(done)
    assert said == f"Finished run {run.run}, dead since before this: 1 fault undone and read back"
    assert UndoLog(run.path).read().closed and leftovers() == ([], [])
    assert aftermath.finish() == []


def test_a_dead_run_whose_watchdog_is_at_it_is_left_to_it(world: World, run: UndoLog) -> None:
    run.leave()  # the runner is gone; its watchdog still holds its place
    assert aftermath.finish() == []
    current().watchdog._process.kill()
    current().watchdog.wait()


def test_a_run_of_another_machine_that_shares_the_folder_is_let_be(
    world: World, run: UndoLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    header = run.read().header
    assert header
    rebooted(run)
    text = run.path.read_text()
    run.path.write_text(text.replace(f'"machine":"{header.machine}"', '"machine":"another"'))
    monkeypatch.setattr("chaoslib_ext.faults.leftovers.machine", lambda: "this one")
    assert aftermath.finish() == []
    (left,), _ = leftovers()
    assert left.is_elsewhere and not left.is_alive


def test_what_resists_is_said_with_the_command(world: World, run: UndoLog, monkeypatch: pytest.MonkeyPatch) -> None:
    from chaoslib_ext.proxy import undo

    rebooted(run)
    monkeypatch.setattr(undo.RemoveToxic, "_is_clear", lambda *_: False)
    (done,) = aftermath.finish()
    assert f"could not be undone (remove toxic cx-{run.run}-noop" in aftermath.in_words(done)
    assert f"chaos undo --run {run.run}" in aftermath.in_words(done)


def test_a_folder_that_cannot_be_trusted_is_for_others_to_say(own_folders: Path) -> None:
    logs()
    (own_folders / "state").chmod(0o777)
    assert aftermath.finish() == []
    (own_folders / "state").chmod(0o700)


def test_a_watchdog_is_seen_by_its_own_lock(world: World, run: UndoLog) -> None:
    from chaoslib_ext.undo.presence import is_there

    assert is_there(run.path, WATCHDOG) is True


def test_a_server_that_went_down_with_the_machine_took_everything_along(world: World, run: UndoLog) -> None:
    rebooted(run)
    told, changed = re.subn("instance [0-9a-f]{10}", "instance 60f486e428", run.path.read_text())
    run.path.write_text(told)
    before = world.looks()
    (done,) = aftermath.finish()
    assert changed and {one.status for one in done.results} == {"already gone"}
    assert world.looks() == before, "what stands on the server that was started since is not touched"
