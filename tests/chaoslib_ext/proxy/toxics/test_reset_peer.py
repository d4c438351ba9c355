"""A slammed door."""

from chaoslib_ext.proxy.toxics.reset_peer import ResetPeer
from chaoslib_ext.testing.toxics import ToxicBench, check_toxic


def test_reset_peer_keeps_the_contract():
    check_toxic(ResetPeer, timeout=100)


def test_it_waits_for_the_first_sign_and_then_its_time():
    bench = ToxicBench(ResetPeer(timeout=100))
    bench.move(60)
    assert not bench.reset
    bench.send(b"dropped")
    bench.move(0.0999)
    assert not bench.reset
    bench.move(0.0002)
    assert bench.reset
    assert bench.received == b""


def test_an_end_is_a_sign_too():
    bench = ToxicBench(ResetPeer())
    bench.end()
    assert bench.reset


def test_an_update_does_not_begin_the_wait_anew():
    bench = ToxicBench(ResetPeer(timeout=100))
    bench.send(b"dropped")
    bench.move(0.05)
    bench.update(ResetPeer(timeout=60))
    bench.move(0.011)
    assert bench.reset


def test_removed_in_time_it_has_lost_nothing():
    bench = ToxicBench(ResetPeer(timeout=100))
    bench.send(b"kept")
    bench.move(0.05)
    bench.remove()
    bench.move(1)
    assert bench.received == b"kept"
    assert not bench.reset
