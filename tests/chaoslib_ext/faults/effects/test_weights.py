"""Bandwidth, slicer and limit_data: only a number of bytes shows them."""

from collections.abc import Callable

import pytest

from chaoslib_ext.faults.effects import Baseline, Method
from chaoslib_ext.faults.link import Sample
from chaoslib_ext.faults.questions import HTTP, POSTGRESQL


def test_bandwidth_is_the_time_of_the_bytes(method: Callable[..., Method], base: Callable[..., Baseline]) -> None:
    it = method("bandwidth", rate=50)
    assert it.expected_ms(base()) == 100
    assert it.hit(Sample("closed", 60.0, size=5000), base()) and not it.hit(Sample("closed", 40.0, size=5000), base())
    assert it.sampling(1).whole


def test_upstream_the_question_is_made_heavy(method: Callable[..., Method], base: Callable[..., Baseline]) -> None:
    it = method("bandwidth", stream="upstream", rate=50)
    assert it.sampling(1).say == HTTP.heavy
    assert it.expected_ms(base()) == len(HTTP.heavy) / 50


def test_a_rate_of_nothing_lets_nothing_through(method: Callable[..., Method], base: Callable[..., Baseline]) -> None:
    it = method("bandwidth", rate=0)
    assert it.hit(Sample("open", 500.0), base())
    assert not it.hit(Sample("closed", 500.0, size=5000), base())


def test_eight_bytes_at_a_high_rate_show_nothing(method: Callable[..., Method], base: Callable[..., Baseline]) -> None:
    it = method("bandwidth", stream="upstream", question=POSTGRESQL, rate=1000)
    assert "8 B at 1000 KB/s adds 0.008 ms" in (it.blind(base()) or "")


def test_slices_are_seen_by_their_delay_or_their_number(
    method: Callable[..., Method], base: Callable[..., Baseline]
) -> None:
    delayed = method("slicer", average_size=500, delay=10_000)
    assert delayed.expected_ms(base()) == 100
    assert delayed.hit(Sample("closed", 103.0, size=5000, pieces=1), base())
    early = Sample("closed", 5.0, size=5000, pieces=1)
    assert not delayed.hit(early, base()) and delayed.denies(early, base())
    bare = method("slicer", average_size=500)
    assert bare.hit(Sample("closed", 5.0, size=5000, pieces=6), base())
    assert not bare.hit(Sample("closed", 5.0, size=5000, pieces=1), base())
    assert not bare.denies(early, base()), "TCP may have put them together again"


def test_what_came_too_soon_denies_a_bandwidth(method: Callable[..., Method], base: Callable[..., Baseline]) -> None:
    it = method("bandwidth", rate=50)
    assert it.denies(Sample("closed", 40.0, size=5000), base())
    assert not it.denies(Sample("closed", 60.0, size=5000), base(90.0, 91.0)), "the machine was slow before"
    assert method("bandwidth", rate=0).denies(Sample("closed", 900.0, size=5000), base())


@pytest.mark.parametrize(
    ("sample", "hit"),
    [
        (Sample("closed", 5.0, size=20), True),
        (Sample("reset", 5.0, size=20), True),
        (Sample("closed", 5.0, size=0), True),
        (Sample("closed", 5.0, size=5000), False),
        (Sample("open", 5.0, size=20), False),
    ],
)
def test_a_limit_lets_so_much_through_and_closes(
    method: Callable[..., Method], base: Callable[..., Baseline], sample: Sample, hit: bool
) -> None:
    it = method("limit_data", bytes=20)
    assert it.hit(sample, base()) is hit
    assert it.denies(sample, base()) is (sample.size > 20)


def test_a_limit_above_the_answer_cannot_be_seen(method: Callable[..., Method], base: Callable[..., Baseline]) -> None:
    assert "the answer has 5000 B, and 5000 may pass" in (method("limit_data", bytes=5000).blind(base()) or "")
    assert method("limit_data", bytes=4999).blind(base()) is None
