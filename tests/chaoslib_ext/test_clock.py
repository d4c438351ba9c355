"""Time is handed in; the fake one moves only when told."""

from datetime import UTC

from chaoslib_ext.clock import SYSTEM, FakeClock, boot_id, chance, new_id


def test_the_system_clock_knows_its_zone_and_goes_forward() -> None:
    assert SYSTEM.wall().tzinfo is UTC
    before = SYSTEM.monotonic(), SYSTEM.boot()
    SYSTEM.sleep(0.002)
    after = SYSTEM.monotonic(), SYSTEM.boot()
    assert after[0] - before[0] >= 0.002
    assert after[1] - before[1] >= 0.002


def test_waiting_for_nothing_or_less_does_not_fail() -> None:
    SYSTEM.sleep(0)
    SYSTEM.sleep(-1)


def test_the_fake_clock_moves_all_three_clocks_together() -> None:
    clock = FakeClock()
    start = clock.wall()
    clock.sleep(600)
    clock.move(30)
    assert (clock.monotonic(), clock.boot(), (clock.wall() - start).total_seconds()) == (630, 630, 630)


def test_a_seed_repeats_chance_and_an_id_does_not_repeat() -> None:
    assert [chance(7).random() for _ in range(3)] == [chance(7).random() for _ in range(3)]
    assert len({new_id() for _ in range(100)}) == 100
    assert {len(new_id(digits)) for digits in (5, 5)} == {5}


def test_the_boot_has_an_id_that_stays() -> None:
    assert boot_id() == boot_id()
