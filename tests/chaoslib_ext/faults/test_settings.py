"""What a toxic may be told: our names and Toxiproxy's, and nothing that ends a server."""

import pytest

from chaoslib_ext.errors import BadAttribute
from chaoslib_ext.faults.settings import SETTINGS, settings_for


@pytest.mark.parametrize(
    ("type", "ours", "wire"),
    [
        ("latency", {"latency_ms": 400, "jitter_ms": 50}, {"latency": 400, "jitter": 50}),
        ("latency", {"latency": 400}, {"latency": 400, "jitter": 0}),
        ("bandwidth", {"rate_kb_per_s": 0}, {"rate": 0}),
        ("slicer", {"average_size_bytes": 64}, {"average_size": 64, "size_variation": 0, "delay": 0}),
        ("timeout", {}, {"timeout": 0}),
        ("reset_peer", {"timeout_ms": 5}, {"timeout": 5}),
        ("slow_close", {"delay_ms": 5}, {"delay": 5}),
        ("limit_data", {"bytes": 0}, {"bytes": 0}),
        ("noop", {}, {}),
        ("latency", {"latency_ms": 0, "jitter_ms": 5}, {"latency": 0, "jitter": 5}),
        ("latency", {"latency_ms": "400"}, {"latency": 400, "jitter": 0}),  # from ${configuration}
    ],
)
def test_both_spellings_reach_the_wire(type: str, ours: dict[str, object], wire: dict[str, int]) -> None:
    assert settings_for(type, ours).wire() == wire


@pytest.mark.parametrize(
    ("type", "given", "says"),
    [
        ("latencies", {}, "did you mean latency"),
        ("latency", {}, "latency is missing"),
        ("latency", {"latency_ms": -1}, "greater than or equal to 0"),
        ("latency", {"latency_ms": 1.5}, "integer"),
        ("latency", {"latency_ms": True}, "number"),
        ("latency", {"latency_ms": 10**12}, "less than or equal"),
        ("latency", {"latency_ms": 1, "jiter_ms": 1}, "did you mean jitter_ms"),
        ("bandwidth", {"rate_kb_per_s": -1}, "greater than or equal to 0"),
        ("bandwidth", {}, "rate is missing"),
        ("slicer", {"average_size_bytes": 0}, "greater than or equal to 1"),
        ("slicer", {"average_size_bytes": 10, "size_variation_bytes": 10}, "smaller than average_size_bytes"),
        ("limit_data", {"bytes": -1}, "greater than or equal to 0"),
        ("noop", {"bytes": 1}, "not one of its settings"),
        (
            "latency",
            {"latency_ms": 0},
            "^latency: a latency of 0 ms without jitter delays nothing; leave",
        ),
        ("slow_close", {"delay_ms": 0}, "^slow_close: a delay of 0 ms delays nothing; leave the action out$"),
    ],
)
def test_nonsense_is_refused_in_words(type: str, given: dict[str, object], says: str) -> None:
    with pytest.raises(BadAttribute, match=says):
        settings_for(type, given)


def test_all_of_toxiproxys_types_are_there() -> None:
    assert set(SETTINGS) == {
        "bandwidth", "latency", "limit_data", "noop", "reset_peer", "slicer", "slow_close", "timeout"
    }  # fmt: skip
