"""What is overdue of a run that stands still is undone; a run that goes on is let be, however late it is."""

from collections.abc import Callable, Iterator

import pytest

from chaoslib_ext.clock import SYSTEM
from chaoslib_ext.faults import standstill
from chaoslib_ext.faults.inject import inject
from chaoslib_ext.faults.leftovers import Leftover
from chaoslib_ext.faults.run import current
from chaoslib_ext.faults.standstill import brought_to_its_end
from chaoslib_ext.faults.toxic import Toxic
from chaoslib_ext.testing.faults import World
from chaoslib_ext.undo.log import UndoLog

Left = Callable[[], Leftover]


@pytest.fixture
def left(world: World) -> Iterator[Left]:
    """The run of this process, with a fault in that has a minute, as another process would find it."""
    inject(Toxic(proxy="web-http", type="noop", duration=60))

    def found() -> Leftover:
        log = UndoLog(current().log.path)
        return Leftover.of(log, log.read())

    yield found
    world.client.reset()


def at(monkeypatch: pytest.MonkeyPatch, *, silent: float, unwatched: bool) -> None:
    monkeypatch.setattr(standstill, "silent_for", lambda log, who: silent)
    monkeypatch.setattr(standstill, "is_unwatched", lambda log: unwatched)


def test_one_that_goes_on_is_let_be(left: Left, world: World) -> None:
    assert brought_to_its_end(left()) is None


def test_behind_its_lease_all_of_it_goes_and_no_more_comes(
    left: Left, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    at(monkeypatch, silent=11, unwatched=True)
    done = brought_to_its_end(left())
    assert done and done.is_clean and len(done.results) == 1
    assert not world.client.toxics("web-http") and current().has_lapsed


@pytest.mark.parametrize(("silent", "unwatched"), [(11, False), (9, True)], ids=["watched", "within its lease"])
def test_with_a_watchdog_or_a_lease_it_is_let_be(
    left: Left, world: World, monkeypatch: pytest.MonkeyPatch, silent: float, unwatched: bool
) -> None:
    at(monkeypatch, silent=silent, unwatched=unwatched)
    assert brought_to_its_end(left()) is None
    assert len(world.client.toxics("web-http")) == 2 and not current().has_lapsed


def test_a_deadline_that_passed_is_kept(left: Left, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    class Later:
        def boot(self) -> float:
            return SYSTEM.boot() + 62

    at(monkeypatch, silent=0, unwatched=True)
    done = brought_to_its_end(left(), Later())  # type: ignore[arg-type]
    assert done and [one.status for one in done.results] == ["undone"] and not current().has_lapsed
    assert [toxic.name for toxic in world.client.toxics("web-http")] == ["cx-lock"], "the run goes on and holds it"
