"""What all methods share: the baseline, and patience that is bounded."""

from collections.abc import Callable

import pytest

from chaoslib_ext.faults.effects import METHODS, Baseline, Method
from chaoslib_ext.faults.effects.method import LONGEST
from chaoslib_ext.faults.settings import SETTINGS


def test_every_fault_has_a_method() -> None:
    assert set(METHODS) == {*SETTINGS, "down"}


def test_a_baseline_knows_its_own_noise(base: Callable[..., Baseline]) -> None:
    assert base(3, 4, 30).end_ms == 4
    assert base(3, 4, 30).noise_ms == 27
    assert base(3, 3, 3).noise_ms == 2


@pytest.mark.parametrize(
    ("kind", "attributes"),
    [
        ("latency", {"latency": 10**7, "jitter": 10**7}),
        ("bandwidth", {"rate": 1}),
        ("slicer", {"average_size": 1, "delay": 10**9}),
        ("timeout", {"timeout": 10**7}),
        ("reset_peer", {"timeout": 10**7}),
        ("slow_close", {"delay": 10**7}),
        ("limit_data", {"bytes": 1}),
        ("down", {}),
    ],
)
def test_no_sample_takes_longer_than_it_may(
    method: Callable[..., Method], base: Callable[..., Baseline], kind: str, attributes: dict[str, int]
) -> None:
    it = method(kind, **attributes)
    assert it.wait(base(900.0)) <= LONGEST + 0.5
    assert it.base_wait() <= LONGEST


def test_without_a_question_most_is_blind_and_says_so(
    method: Callable[..., Method], base: Callable[..., Baseline]
) -> None:
    for kind in ("latency", "bandwidth", "slicer", "limit_data"):
        it = method(kind, question=None, latency=100, rate=1, average_size=1, delay=99999, bytes=1)
        assert "no answer" in (it.blind(base()) or "")
