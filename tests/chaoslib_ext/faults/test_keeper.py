"""The run's own look: a late fault is undone and told, a healthy watchdog is let be, a run without one is ended."""

from collections.abc import Callable, Iterator

import pytest

from chaoslib_ext.clock import SYSTEM
from chaoslib_ext.errors import WatchdogMissing
from chaoslib_ext.faults import keeper as keeper_module
from chaoslib_ext.faults.inject import inject
from chaoslib_ext.faults.keeper import Keeper
from chaoslib_ext.faults.run import Run, current
from chaoslib_ext.faults.toxic import Toxic
from chaoslib_ext.testing.faults import World


@pytest.fixture
def run(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """A run with a fault in that has a minute, and without a keeper of its own."""
    monkeypatch.setattr(Keeper, "_go_on", lambda self: None)
    inject(Toxic(proxy="web-http", type="noop", duration=60))
    yield current()
    world.client.reset()


@pytest.fixture
def looking(run: Run) -> Keeper:
    return Keeper(run)


@pytest.fixture
def pass_by(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Let time pass for the keeper."""
    passed = [0.0]
    real_boot, real_monotonic = SYSTEM.boot, SYSTEM.monotonic

    class Moved:
        def boot(self) -> float:
            return real_boot() + passed[0]

        def monotonic(self) -> float:
            return real_monotonic() + passed[0]

    monkeypatch.setattr(keeper_module, "SYSTEM", Moved())

    def pass_on(seconds: float) -> None:
        passed[0] += seconds

    return pass_on


@pytest.mark.parametrize(("signs", "late"), [(True, 3.1), (False, 1.1)], ids=["goes on", "was stopped"])
def test_a_fault_that_stays_behind_its_deadline_is_undone_and_told(
    run: Run,
    looking: Keeper,
    world: World,
    pass_by: Callable[[float], None],
    monkeypatch: pytest.MonkeyPatch,
    signs: bool,
    late: float,
) -> None:
    monkeypatch.setattr(keeper_module, "gives_signs", lambda log, who: signs)
    said = run.overstayed
    looking._keep_deadlines()
    pass_by(60.5)
    looking._keep_deadlines()
    pass_by(late - 0.5)
    looking._keep_deadlines()
    assert len(world.client.toxics("web-http")) == 2 and not said, "the watchdog may still do it"
    pass_by(0.5)
    looking._keep_deadlines()
    assert [one.name for one in world.client.toxics("web-http")] == ["cx-lock"]
    (says,) = said
    assert (
        says.startswith("noop on web-http stayed ")
        and says.endswith("did not answer, so the run took it out itself") is not signs
    )
    looking._keep_deadlines()
    assert len(said) == 1


def test_a_machine_that_slept_gives_the_watchdog_its_moment(
    run: Run, looking: Keeper, world: World, pass_by: Callable[[float], None]
) -> None:
    pass_by(3600)
    looking._keep_deadlines()
    assert len(world.client.toxics("web-http")) == 2


def test_a_watchdog_that_goes_on_is_let_be(run: Run, looking: Keeper) -> None:
    first = run.watchdog
    for _ in range(3):
        looking._keep_watchdog()
    assert run.watchdog is first


def test_one_look_without_a_sign_is_not_enough(
    run: Run, looking: Keeper, pass_by: Callable[[float], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeper_module, "gives_signs", lambda log, who: False)
    first = run.watchdog
    looking._keep_watchdog()
    assert run.watchdog is first
    pass_by(1.6)
    looking._keep_watchdog()
    assert run.watchdog is not first and not first.is_alive()


def test_a_run_that_can_have_no_watchdog_is_ended_once(
    run: Run, looking: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(self: Run) -> None:
        raise WatchdogMissing("no room")

    monkeypatch.setattr(Run, "replace_watchdog", none)
    monkeypatch.setattr(keeper_module, "_REPLACED", 2)
    said: list[str] = []
    run.on_unwatched = said.append
    run.watchdog.kill()
    run.watchdog.wait()
    for _ in range(4):
        looking._keep_watchdog()
    assert len(said) == 1 and "can have no other" in said[0]
