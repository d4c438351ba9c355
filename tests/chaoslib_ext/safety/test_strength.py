"""What a link feels of several faults: latencies add, shares combine, of what must be left the least counts."""

from math import inf, isclose

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaoslib_ext.safety.policy import AtLeast, AtMost
from chaoslib_ext.safety.strength import OnLink, at_least, at_most


def fault(kind: str = "latency", **settings: float) -> OnLink:
    return OnLink(kind, settings)


@pytest.mark.parametrize(
    ("one", "other", "name", "felt"),
    [
        (fault(latency_ms=60), fault(latency_ms=50), "latency_ms", 110),
        (fault(latency_ms=60, jitter_ms=5), fault(latency_ms=50, jitter_ms=7), "latency_ms", 122),
        (fault(latency_ms=60, jitter_ms=5), fault(latency_ms=50, jitter_ms=7), "jitter_ms", 12),
        (fault(latency_ms=60), fault("bandwidth", rate_kb_per_s=5), "latency_ms", 60),
        (fault(toxicity=0.5), fault("timeout", toxicity=0.5), "toxicity", 0.75),
        (fault(toxicity=0.1), fault("down"), "toxicity", 1),
        (fault("slow_close", delay_ms=3), fault("slow_close", delay_ms=4), "delay_ms", 7),
        (fault("slicer", delay_us=3), fault("slicer", delay_us=4), "delay_us", 7),
        (fault("timeout", timeout_ms=3), fault("reset_peer", timeout_ms=4), "timeout_ms", 4),
        (fault("timeout", timeout_ms=3), fault("timeout", timeout_ms=0), "timeout_ms", inf),
        (fault("reset_peer", timeout_ms=0), fault("reset_peer", timeout_ms=0), "timeout_ms", 0),
    ],
)
def test_what_may_not_be_more_than_a_limit(one: OnLink, other: OnLink, name: str, felt: float) -> None:
    assert at_most(one, [other])[name] == felt
    assert at_most(one, [])[name] == at_most(one, ())[name]


@pytest.mark.parametrize(
    ("one", "other", "name", "left"),
    [
        (fault("bandwidth", rate_kb_per_s=50), fault("bandwidth", rate_kb_per_s=20), "rate_kb_per_s", 20),
        (fault("limit_data", bytes=50), fault("limit_data", bytes=60), "bytes", 50),
        (fault("slicer", average_size_bytes=9), fault("slicer", average_size_bytes=4), "average_size_bytes", 4),
        (fault("timeout", timeout_ms=300), fault("reset_peer", timeout_ms=40), "timeout_ms", 40),
        (fault("timeout", timeout_ms=300), fault("timeout", timeout_ms=0), "timeout_ms", 300),
    ],
)
def test_what_must_be_left(one: OnLink, other: OnLink, name: str, left: float) -> None:
    assert at_least(one, [other])[name] == left


def test_what_a_kind_does_not_have_is_not_asked_of_it() -> None:
    assert "latency_ms" not in at_most(fault("down"), [fault(latency_ms=60)])


@given(st.lists(st.floats(0, 1), min_size=1, max_size=5))
def test_alone_a_fault_is_what_it_is_and_others_never_make_it_weaker(shares: list[float]) -> None:
    one, *others = (fault(latency_ms=10, toxicity=share) for share in shares)
    alone, felt = at_most(one, []), at_most(one, others)
    assert alone["toxicity"] == shares[0] and alone["latency_ms"] == 10
    assert felt["latency_ms"] == 10 * len(shares)
    assert felt["toxicity"] <= 1 and (
        felt["toxicity"] >= max(shares) or isclose(felt["toxicity"], max(shares), abs_tol=1e-6)
    )


def test_every_strength_that_a_policy_limits_is_known_here() -> None:
    every = [
        fault(latency_ms=1, jitter_ms=1),
        fault("slicer", average_size_bytes=1, delay_us=1),
        fault("slow_close", delay_ms=1),
        fault("timeout", timeout_ms=1),
        fault("bandwidth", rate_kb_per_s=1),
        fault("limit_data", bytes=1),
    ]
    assert set(AtMost.model_fields) - {"duration"} <= {name for one in every for name in at_most(one, [one])}
    assert set(AtLeast.model_fields) <= {name for one in every for name in at_least(one, [one])}
