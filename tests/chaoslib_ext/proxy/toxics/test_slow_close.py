"""A long good-bye."""

from chaoslib_ext.proxy.toxics.slow_close import SlowClose
from chaoslib_ext.testing.toxics import ToxicBench, check_toxic


def test_slow_close_keeps_the_contract():
    check_toxic(SlowClose, delay=1000)


def test_data_passes_at_once_and_the_end_late():
    bench = ToxicBench(SlowClose(delay=1000))
    bench.send(b"at once")
    bench.end()
    assert bench.received == b"at once"
    bench.move(0.9999)
    assert not bench.ended
    bench.move(0.0002)
    assert bench.ended


def test_removing_it_ends_the_wait():
    bench = ToxicBench(SlowClose(delay=1000))
    bench.end()
    bench.remove()
    assert bench.ended


def test_updating_it_begins_the_wait_anew():
    bench = ToxicBench(SlowClose(delay=1000))
    bench.end()
    bench.move(0.9)
    bench.update(SlowClose(delay=500))
    bench.move(0.499)
    assert not bench.ended
    bench.move(0.002)
    assert bench.ended
