"""A thin line."""

import pytest

from chaoslib_ext.proxy.toxics.bandwidth import Bandwidth
from chaoslib_ext.testing.toxics import ToxicBench, check_toxic


def test_bandwidth_keeps_the_contract():
    check_toxic(Bandwidth, rate=10)


def test_a_small_chunk_takes_its_time_and_leaves_whole():
    bench = ToxicBench(Bandwidth(rate=100))
    bench.send(b"x" * 5000)
    bench.move(0.0499)
    assert bench.received == b""
    bench.move(0.0002)
    assert [len(data) for _, data in bench.pieces] == [5000]


def test_a_large_chunk_leaves_in_pieces_of_100_ms():
    bench = ToxicBench(Bandwidth(rate=10))
    bench.send(b"x" * 2500)
    bench.move(1)
    assert [(round(when, 6), len(data)) for when, data in bench.pieces] == [(0.1, 1000), (0.2, 1000), (0.25, 500)]


def test_the_rate_holds_over_many_chunks():
    bench = ToxicBench(Bandwidth(rate=1000))
    for _ in range(50):
        bench.send(b"x" * 20_000)
    bench.move(0.5)
    assert 480_000 <= len(bench.received) <= 500_000
    bench.move(0.5001)
    assert len(bench.received) == 1_000_000


def test_idle_time_is_not_saved_up():
    bench = ToxicBench(Bandwidth(rate=100))
    bench.move(60)
    bench.send(b"x" * 10_000)
    bench.move(0.099)
    assert bench.received == b""


def test_at_rate_0_nothing_passes_until_it_is_removed():
    bench = ToxicBench(Bandwidth())
    bench.send(b"held")
    bench.end()
    bench.move(1e6)
    assert (bench.received, bench.ended) == (b"", False)
    bench.remove()
    assert (bench.received, bench.ended) == (b"held", True)


@pytest.mark.parametrize("rate", [-1, -(2**63)])
def test_a_negative_rate_is_refused_with_the_reason(rate):
    assert str(rate) in str(Bandwidth(rate=rate).problem())
