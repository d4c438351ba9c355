"""The toxic that does nothing."""

from chaoslib_ext.proxy.toxics.noop import Noop
from chaoslib_ext.testing.toxics import ToxicBench, check_toxic


def test_noop_keeps_the_contract():
    check_toxic(Noop)


def test_it_passes_data_and_the_end():
    bench = ToxicBench(Noop())
    bench.send(b"untouched")
    bench.end()
    assert bench.received == b"untouched"
    assert bench.ended
