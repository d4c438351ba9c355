"""Latency: each chunk leaves at its arrival + latency ± jitter; pipelined, in order, never early."""

import os
import time

import pytest

pytestmark = pytest.mark.joins("proxy", "toxiproxy-embedded", "toxiproxy-go")


def timed(wire, sender, receiver, data=b"x"):
    """Seconds from sending to having all of it."""
    start = wire.now()
    sender.sendall(data)
    assert wire.read(receiver, len(data)) == data
    return wire.now() - start


@pytest.mark.parametrize("stream", ["upstream", "downstream"])
def test_the_delay_is_of_one_direction_and_never_early(link, wire, stream):
    proxy = link()
    proxy.toxic("latency", stream=stream, latency=100)
    client, peer = proxy.open()
    delayed, free = ((client, peer), (peer, client)) if stream == "upstream" else ((peer, client), (client, peer))
    for _ in range(5):
        assert 0.100 <= timed(wire, *delayed) < 1.0
    assert min(timed(wire, *free) for _ in range(5)) < 0.050


def test_both_directions_add_up(link, wire):
    proxy = link(echo=True)
    proxy.toxic("latency", stream="upstream", latency=60)
    proxy.toxic("latency", stream="downstream", latency=60)
    client = proxy.dial()
    start = wire.now()
    client.sendall(b"x")
    assert wire.read(client, 1) == b"x"
    assert wire.now() - start >= 0.120


def test_zero_delays_nothing(link, wire):
    proxy = link()
    proxy.toxic("latency", latency=0)
    client, peer = proxy.open()
    assert min(timed(wire, peer, client) for _ in range(5)) < 0.050


def test_a_negative_delay_is_none(link, wire):
    proxy = link()
    proxy.toxic("latency", latency=-500)
    client, peer = proxy.open()
    assert min(timed(wire, peer, client) for _ in range(5)) < 0.050


def test_the_connect_is_not_delayed_nor_is_the_end(link, wire):
    proxy = link()
    proxy.toxic("latency", latency=3000)
    proxy.toxic("latency", stream="upstream", latency=3000)
    start = wire.now()
    client, peer = proxy.open()
    client.close()
    assert wire.rest(peer) == (b"", "eof")
    assert wire.now() - start < 2.5


def test_chunks_are_pipelined_not_cumulative(link, wire):
    proxy = link()
    proxy.toxic("latency", latency=200)
    client, peer = proxy.open()
    start = wire.now()
    for number in range(10):
        peer.sendall(b"%d" % number)
        time.sleep(0.01)  # chunks of their own
    assert wire.read(client, 10) == b"0123456789"
    assert 0.290 <= wire.now() - start < 1.5  # one after another would take 2 s


def test_each_chunk_waits_its_own_time(link, wire):
    proxy = link()
    proxy.toxic("latency", latency=300)
    client, peer = proxy.open()
    sent = []
    for number in range(3):
        sent.append(wire.now())
        peer.sendall(b"%d" % number)
        time.sleep(0.1)
    for start in sent:
        assert len(wire.read(client, 1)) == 1
        assert wire.now() - start >= 0.300


def test_two_latencies_add(link, wire):
    proxy = link()
    proxy.toxic("latency", "one", latency=80)
    proxy.toxic("latency", "two", latency=80)
    client, peer = proxy.open()
    for _ in range(3):
        assert 0.160 <= timed(wire, peer, client) < 1.0


def test_jitter_stays_within_its_bounds_and_varies(link, wire):
    proxy = link()
    proxy.toxic("latency", latency=40, jitter=30)
    client, peer = proxy.open()
    times = [timed(wire, peer, client) for _ in range(20)]
    assert min(times) >= 0.010
    assert max(times) - min(times) > 0.005
    assert sorted(times)[10] < 0.5


def test_jitter_larger_than_latency_is_never_negative(link, wire):
    proxy = link()
    proxy.toxic("latency", latency=0, jitter=20)
    client, peer = proxy.open()
    assert max(timed(wire, peer, client) for _ in range(10)) < 1.0


def test_jitter_keeps_the_order(link, wire):
    proxy = link()
    proxy.toxic("latency", latency=30, jitter=30)
    client, peer = proxy.open()
    data = bytes(range(100))
    for byte in data:
        peer.sendall(bytes([byte]))
        time.sleep(0.001)
    assert wire.read(client, 100) == data


def test_bulk_under_latency_keeps_every_byte(link, wire):
    proxy = link()
    proxy.toxic("latency", latency=50, jitter=20)
    client, peer = proxy.open()
    data = os.urandom(1_000_000)
    start = wire.now()
    peer.sendall(data)
    peer.close()
    got, how = wire.rest(client)
    assert got == data
    assert how == "eof"
    assert wire.now() - start >= 0.030


def test_the_end_comes_after_the_delayed_data(link, wire):
    proxy = link()
    proxy.toxic("latency", latency=200)
    client, peer = proxy.open()
    start = wire.now()
    peer.sendall(b"last words")
    peer.close()
    assert wire.rest(client) == (b"last words", "eof")
    assert wire.now() - start >= 0.200


def test_an_update_lets_the_held_chunk_go_and_holds_the_next_by_the_new_value(link, wire):
    proxy = link()
    proxy.toxic("latency", "t", latency=20_000)
    client, peer = proxy.open()
    peer.sendall(b"held")
    assert wire.silent(client, 0.1)
    proxy.update("t", latency=100)
    assert wire.read(client, 4, timeout=5) == b"held"
    assert 0.100 <= timed(wire, peer, client) < 1.0


def test_removing_lets_all_held_chunks_go(link, wire):
    proxy = link()
    proxy.toxic("latency", "t", latency=20_000)
    client, peer = proxy.open()
    for _ in range(5):
        peer.sendall(b"held ")
        time.sleep(0.01)
    assert wire.silent(client, 0.1)
    proxy.remove("t")
    assert wire.read(client, 25, timeout=5) == b"held " * 5
    assert min(timed(wire, peer, client) for _ in range(5)) < 0.1


def test_adding_reaches_an_open_connection(link, wire):
    proxy = link()
    client, peer = proxy.open()
    assert min(timed(wire, peer, client) for _ in range(5)) < 0.050
    proxy.toxic("latency", latency=100)
    assert 0.100 <= timed(wire, peer, client) < 1.0


def test_switching_off_drops_what_is_held(link, wire):
    proxy = link()
    proxy.toxic("latency", latency=20_000)
    client, peer = proxy.open()
    peer.sendall(b"never arrives")
    assert wire.silent(client, 0.1)
    proxy.enable(False)
    assert wire.rest(client, timeout=5)[0] == b""


def test_an_update_lets_only_the_chunk_in_hand_go(link, wire):
    proxy = link()
    proxy.toxic("latency", "t", latency=20_000)
    client, peer = proxy.open()
    for piece in (b"one", b"two", b"six"):
        peer.sendall(piece)
        time.sleep(0.02)
    proxy.update("t", latency=21_000)
    assert wire.read(client, 3, timeout=5) == b"one"
    assert wire.silent(client, 0.3)
    proxy.update("t", latency=0)
    assert wire.read(client, 6, timeout=5) == b"twosix"
