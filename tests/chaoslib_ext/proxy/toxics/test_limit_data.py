"""A ration."""

import pytest

from chaoslib_ext.proxy.toxics.limit_data import LimitData
from chaoslib_ext.testing.toxics import ToxicBench, check_toxic


def test_limit_data_keeps_the_contract():
    check_toxic(LimitData, bytes=12_345)


@pytest.mark.parametrize("sizes", [[10], [4, 6], [4, 5, 1], [3, 3, 3, 3], [100]])
def test_exactly_so_many_bytes_pass_and_then_it_closes(sizes):
    bench = ToxicBench(LimitData(bytes=10))
    for size in sizes:
        assert not bench.closed
        bench.send(b"x" * size)
    assert bench.received == b"x" * 10
    assert bench.closed


@pytest.mark.parametrize("limit", [0, -5])
def test_nothing_passes_at_0_and_the_first_chunk_closes(limit):
    bench = ToxicBench(LimitData(bytes=limit))
    assert not bench.closed
    bench.send(b"x")
    assert bench.closed
    assert bench.received == b""


def test_the_count_outlives_an_update():
    bench = ToxicBench(LimitData(bytes=100))
    bench.send(b"x" * 60)
    bench.update(LimitData(bytes=70))
    bench.send(b"x" * 60)
    assert len(bench.received) == 70
    assert bench.closed


def test_over_the_new_limit_the_next_chunk_closes():
    bench = ToxicBench(LimitData(bytes=100))
    bench.send(b"x" * 60)
    bench.update(LimitData(bytes=50))
    assert not bench.closed
    bench.send(b"x")
    assert bench.closed
    assert len(bench.received) == 60
