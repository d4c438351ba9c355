"""Silence, and then the end."""

import pytest

from chaoslib_ext.proxy.toxics.timeout import Timeout
from chaoslib_ext.testing.toxics import ToxicBench, check_toxic


def test_timeout_keeps_the_contract():
    check_toxic(Timeout, timeout=500)


def test_it_fires_under_traffic():
    bench = ToxicBench(Timeout(timeout=500))
    for _ in range(49):
        bench.send(b"dropped")
        bench.move(0.01)
    assert not bench.closed
    bench.move(0.011)
    assert bench.closed
    assert bench.received == b""


@pytest.mark.parametrize("timeout", [0, -1])
def test_without_a_time_it_never_closes(timeout):
    bench = ToxicBench(Timeout(timeout=timeout))
    bench.send(b"dropped")
    bench.move(1e6)
    assert not bench.closed
    assert bench.reading


def test_the_sender_s_end_passes():
    bench = ToxicBench(Timeout())
    bench.send(b"dropped")
    bench.end()
    assert bench.ended
    assert bench.received == b""


def test_removing_it_closes_what_it_held():
    bench = ToxicBench(Timeout())
    bench.remove()
    assert bench.closed
