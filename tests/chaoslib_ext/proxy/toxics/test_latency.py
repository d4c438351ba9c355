"""Delay, to the microsecond: time stands still here until it is moved."""

import pytest

from chaoslib_ext.proxy.toxics.latency import Latency
from chaoslib_ext.testing.toxics import ToxicBench, check_toxic


def test_latency_keeps_the_contract():
    check_toxic(Latency, latency=100, jitter=50)


def test_never_early_and_not_late():
    bench = ToxicBench(Latency(latency=100))
    bench.send(b"x")
    bench.move(0.099999)
    assert bench.received == b""
    bench.move(0.000002)
    assert bench.received == b"x"


def test_a_stream_is_delayed_once_and_not_once_a_chunk():
    bench = ToxicBench(Latency(latency=100))
    for _ in range(10):
        bench.send(b"x")
        bench.move(0.010)
    bench.move(0.0001)
    assert bench.received == b"x"
    bench.move(0.090)
    assert bench.received == b"x" * 10


def test_a_later_smaller_delay_waits_so_that_the_order_is_kept():
    bench = ToxicBench(Latency(latency=100, jitter=100), seed=3)
    sent = bytes(range(200))
    for byte in sent:
        bench.send(bytes([byte]))
        bench.move(0.001)
    bench.move(1)
    assert bench.received == sent
    whens = [when for when, _ in bench.pieces]
    assert whens == sorted(whens)
    assert max(whens) > 0.2


def test_jitter_stays_in_its_range_and_uses_it():
    delays = []
    for seed in range(200):
        bench = ToxicBench(Latency(latency=100, jitter=20), seed=seed)
        bench.send(b"x")
        bench.move(1)
        delays.append(bench.pieces[0][0])
    assert 0.080 <= min(delays) < 0.085
    assert 0.115 < max(delays) < 0.120


@pytest.mark.parametrize("latency", [0, -5, -(2**63)])
def test_a_delay_below_nothing_is_none(latency):
    bench = ToxicBench(Latency(latency=latency, jitter=-3))
    bench.send(b"x")
    assert bench.received == b"x"


def test_a_delay_of_ages_does_no_harm():
    bench = ToxicBench(Latency(latency=2**63 - 1, jitter=2**63 - 1))
    bench.send(b"x")
    bench.move(1e6)
    bench.remove()
    assert bench.received == b"x"


def test_an_update_lets_the_current_chunk_go_and_delays_the_next_anew():
    bench = ToxicBench(Latency(latency=1000))
    bench.send(b"first")
    bench.update(Latency(latency=50))
    assert bench.received == b"first"
    bench.send(b"second")
    bench.move(0.049)
    assert bench.received == b"first"
    bench.move(0.002)
    assert bench.received == b"firstsecond"


def test_the_end_is_held_no_longer_than_the_data():
    bench = ToxicBench(Latency(latency=100))
    bench.send(b"x")
    bench.end()
    assert not bench.ended
    bench.move(0.101)
    assert bench.ended


def test_it_takes_1024_chunks_and_then_slows_the_sender_down():
    bench = ToxicBench(Latency(latency=1000))
    for _ in range(1024):
        bench.send(b"x")
    assert bench.reading
    bench.send(b"x")
    assert not bench.reading
    bench.move(1.1)
    assert bench.reading
    assert len(bench.received) == 1025
