"""Latency and slow_close: at least half of what was asked for, more than the link's own noise."""

from collections.abc import Callable

import pytest

from chaoslib_ext.faults.effects import Baseline, Method
from chaoslib_ext.faults.link import Sample


@pytest.mark.parametrize(("end_ms", "hit"), [(3.0, False), (52.0, False), (54.0, True), (103.0, True), (900.0, True)])
def test_half_of_the_latency_counts(
    method: Callable[..., Method], base: Callable[..., Baseline], end_ms: float, hit: bool
) -> None:
    assert method("latency", latency=100).hit(Sample("answered", end_ms), base()) is hit


def test_still_waiting_when_we_left_counts_for_a_long_one(
    method: Callable[..., Method], base: Callable[..., Baseline]
) -> None:
    it = method("latency", latency=60_000)
    assert it.hit(Sample("open", 2500.0), base())
    assert "lower bound" in it.numbers([Sample("open", 2500.0)], base())["note"]
    assert not it.hit(Sample("answered", 200.0), base())


def test_only_an_answer_that_came_too_soon_denies_it(
    method: Callable[..., Method], base: Callable[..., Baseline]
) -> None:
    """A machine so busy that the baseline was slow, too, must not make a fault that is in look absent."""
    it, slow = method("latency", latency=20), base(39.0, 39.5, 40.0)
    with_fault = Sample("answered", 22.4)
    assert not it.hit(with_fault, slow) and not it.denies(with_fault, slow)
    assert it.denies(Sample("answered", 9.0), slow)
    assert not method("latency", latency=20, jitter=20).denies(Sample("answered", 1.0), slow)
    assert method("slow_close", delay=20).denies(Sample("closed", 9.0), slow)


def test_a_server_that_closes_first_denies_no_slow_close_of_our_side(
    method: Callable[..., Method], base: Callable[..., Baseline]
) -> None:
    """As one does that speaks HTTP/1.0."""
    too_soon = Sample("closed", 9.0)
    assert method("slow_close", stream="downstream", delay=20).denies(too_soon, base())
    assert not method("slow_close", stream="upstream", delay=20).denies(too_soon, base())


def test_a_reset_is_no_latency(method: Callable[..., Method], base: Callable[..., Baseline]) -> None:
    assert not method("latency", latency=100).hit(Sample("reset", 103.0), base())


def test_what_drowns_in_noise_is_not_judged(method: Callable[..., Method], base: Callable[..., Baseline]) -> None:
    it = method("latency", latency=100)
    assert it.blind(base(3, 4, 5)) is None
    assert "varies by 97 ms" in (it.blind(base(3, 50, 100)) or "")


@pytest.mark.parametrize(("jitter", "enough"), [(50, False), (51, True)])
def test_wide_jitter_needs_one_late_answer_only(method: Callable[..., Method], jitter: int, enough: bool) -> None:
    assert method("latency", latency=100, jitter=jitter).any_hit_counts is enough


def test_the_numbers_say_what_was_added(method: Callable[..., Method], base: Callable[..., Baseline]) -> None:
    hits = [Sample("answered", one) for one in (101.0, 103.0, 140.0)]
    assert method("latency", latency=100).numbers(hits, base()) == {
        "baseline_ms": 3.0, "with_fault_ms": 103.0, "added_ms": 100.0,
    }  # fmt: skip


def test_a_link_that_never_closes_cannot_show_a_slow_close(
    method: Callable[..., Method], base: Callable[..., Baseline]
) -> None:
    it = method("slow_close", delay=100)
    assert "cannot be timed" in (it.blind(base(end="open")) or "")
    assert it.blind(base(end="closed")) is None
    assert it.hit(Sample("closed", 101.0), base(end="closed"))
    assert it.sampling(1).half_close
