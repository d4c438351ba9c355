"""The lease: a hang is found, a slow machine is not one, and a sleeping one is waited for."""

import pytest

from chaoslib_ext.clock import FakeClock
from chaoslib_ext.errors import BadInput
from chaoslib_ext.undo.lease import DEFAULT, Lease, asked_for


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def look_for(lease: Lease, clock: FakeClock, seconds: float) -> list[bool]:
    """As a watchdog looks that is on time: once a beat."""
    looks = []
    while seconds > 0:
        step = min(lease.beat or 2.5, seconds)
        clock.move(step)
        seconds -= step
        looks.append(lease.look())
    return looks


def test_silence_for_a_whole_lease_is_found_once(clock: FakeClock) -> None:
    lease = Lease(10, clock)
    lease.renew()
    assert not any(look_for(lease, clock, 9.9))
    assert look_for(lease, clock, 10).count(True) == 1
    assert lease.has_lapsed and not lease.is_on


def test_before_the_first_sign_of_life_nothing_lapses(clock: FakeClock) -> None:
    lease = Lease(10, clock)
    assert not lease.is_on and not any(look_for(lease, clock, 100))


def test_each_sign_of_life_begins_it_anew(clock: FakeClock) -> None:
    lease = Lease(10, clock)
    for _ in range(10):
        lease.renew()
        assert not any(look_for(lease, clock, 9))


@pytest.mark.parametrize("asleep", [11, 3600, 86400 * 30])
def test_a_machine_that_slept_gives_the_runner_one_beat_to_speak(clock: FakeClock, asleep: float) -> None:
    lease = Lease(10, clock)
    lease.renew()
    look_for(lease, clock, 2.5)
    clock.move(asleep)  # the boot clock goes on while the machine sleeps
    assert not lease.look()
    clock.move(lease.beat * 0.9)
    assert not lease.look()
    lease.renew()
    assert not any(look_for(lease, clock, 9))


def test_and_no_more_than_one_beat(clock: FakeClock) -> None:
    lease = Lease(10, clock)
    lease.renew()
    look_for(lease, clock, 2.5)
    clock.move(3600)
    assert not lease.look()
    assert any(look_for(lease, clock, lease.beat))


def test_a_lease_of_nothing_never_lapses(clock: FakeClock) -> None:
    lease = Lease(0, clock)
    lease.renew()
    clock.move(1e6)
    assert not lease.look() and not lease.is_on


def test_one_that_was_stopped_on_purpose_never_lapses(clock: FakeClock) -> None:
    lease = Lease(10, clock)
    lease.renew()
    lease.stop()
    assert not any(look_for(lease, clock, 30)) and not lease.is_on


@pytest.mark.parametrize(("said", "seconds"), [("", DEFAULT), ("2s", 2), ("30", 30), ("1m", 60), ("2500ms", 2.5)])
def test_how_long_is_asked_for(monkeypatch: pytest.MonkeyPatch, said: str, seconds: float) -> None:
    monkeypatch.setenv("CHAOS_LEASE", said)
    assert asked_for() == seconds


@pytest.mark.parametrize("said", ["1s", "61s", "1h", "soon", "-3", "0"])
def test_what_makes_no_sense_is_refused(monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    monkeypatch.setenv("CHAOS_LEASE", said)
    with pytest.raises(BadInput, match="CHAOS_LEASE"):
        asked_for()
