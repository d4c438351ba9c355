"""Bandwidth: so many thousand bytes a second, a connection and a direction; slept before sending."""

import os

import pytest

KB = 1000


def timed(wire, sender, receiver, size):
    data = os.urandom(size)
    start = wire.now()
    sender.sendall(data)
    assert wire.read(receiver, size) == data
    return wire.now() - start


@pytest.mark.parametrize("stream", ["upstream", "downstream"])
def test_the_rate_holds_in_its_direction_only(link, wire, stream):
    proxy = link()
    proxy.toxic("bandwidth", stream=stream, rate=100)
    client, peer = proxy.open()
    slow, free = ((client, peer), (peer, client)) if stream == "upstream" else ((peer, client), (client, peer))
    assert 0.490 <= timed(wire, *slow, 50 * KB) < 1.5
    assert min(timed(wire, *free, 50 * KB) for _ in range(5)) < 0.4


@pytest.mark.parametrize(("rate", "size"), [(10, 5 * KB), (50, 20 * KB), (200, 80 * KB), (1000, 500 * KB)])
def test_a_kilobyte_is_1000_bytes_and_time_is_size_by_rate(link, wire, rate, size):
    proxy = link()
    proxy.toxic("bandwidth", rate=rate)
    client, peer = proxy.open()
    expected = size / (rate * KB)
    assert expected * 0.95 <= timed(wire, peer, client, size) < expected + 1.0


def test_there_is_no_burst_before_the_first_byte(link, wire):
    proxy = link()
    proxy.toxic("bandwidth", rate=10)
    client, peer = proxy.open()
    start = wire.now()
    peer.sendall(b"x" * 1000)
    assert wire.read(client, 1) == b"x"
    assert wire.now() - start >= 0.095


def test_a_large_chunk_comes_in_pieces_of_100_ms(link, wire):
    proxy = link()
    proxy.toxic("bandwidth", rate=10)
    client, peer = proxy.open()
    start = wire.now()
    peer.sendall(b"x" * 5000)
    sizes = []
    while sum(sizes) < 5000:
        client.settimeout(10)
        sizes.append(len(client.recv(65536)))
    assert wire.now() - start >= 0.475
    assert len(sizes) >= 3
    assert max(sizes) <= 3000  # 1,000 each; some may meet in the socket before we look


def test_each_connection_has_the_whole_rate(link, wire):
    proxy = link()
    proxy.toxic("bandwidth", rate=100)
    pairs = [proxy.open() for _ in range(6)]
    start = wire.now()
    for _, peer in pairs:
        peer.sendall(b"x" * 30 * KB)
    for client, _ in pairs:
        assert len(wire.read(client, 30 * KB)) == 30 * KB
    assert 0.285 <= wire.now() - start < 1.6  # shared it would be 1.8 s


def test_idle_time_is_not_credited(link, wire):
    proxy = link()
    proxy.toxic("bandwidth", rate=50)
    client, peer = proxy.open()
    timed(wire, peer, client, 1000)
    assert wire.silent(client, 0.5)
    assert timed(wire, peer, client, 20 * KB) >= 0.370


def test_rate_0_lets_nothing_through_until_it_is_removed(link, wire):
    proxy = link()
    proxy.toxic("bandwidth", "t", rate=0)
    client, peer = proxy.open()
    peer.sendall(b"held")
    assert wire.silent(client, 0.4)
    client.sendall(b"the other way is free")
    assert wire.read(peer, 21) == b"the other way is free"
    proxy.remove("t")
    assert wire.read(client, 4) == b"held"


def test_rate_0_raised_lets_it_through(link, wire):
    proxy = link()
    proxy.toxic("bandwidth", "t", rate=0)
    client, peer = proxy.open()
    peer.sendall(b"held")
    assert wire.silent(client, 0.3)
    proxy.update("t", rate=1000)
    assert wire.read(client, 4) == b"held"
    assert timed(wire, peer, client, 100 * KB) >= 0.095


def test_a_removal_lets_the_rest_go_at_once(link, wire):
    proxy = link()
    proxy.toxic("bandwidth", "t", rate=1)
    client, peer = proxy.open()
    data = os.urandom(20 * KB)
    peer.sendall(data)
    first = wire.read(client, 100)
    proxy.remove("t")
    assert first + wire.read(client, len(data) - 100, timeout=5) == data


def test_an_update_takes_effect_on_an_open_connection(link, wire):
    proxy = link()
    proxy.toxic("bandwidth", "t", rate=100_000)
    client, peer = proxy.open()
    assert min(timed(wire, peer, client, 20 * KB) for _ in range(5)) < 0.19
    proxy.update("t", rate=100)
    assert 0.190 <= timed(wire, peer, client, 20 * KB) < 1.2


def test_the_end_comes_after_the_data(link, wire):
    proxy = link()
    proxy.toxic("bandwidth", rate=100)
    client, peer = proxy.open()
    data = os.urandom(30 * KB)
    start = wire.now()
    peer.sendall(data)
    peer.close()
    assert wire.rest(client) == (data, "eof")
    assert wire.now() - start >= 0.285


def test_a_huge_rate_is_no_limit(link, wire):
    proxy = link()
    proxy.toxic("bandwidth", rate=10_000_000)
    client, peer = proxy.open()
    assert timed(wire, peer, client, 100 * KB) < 1.0


def test_with_latency_both_count(link, wire):
    proxy = link()
    proxy.toxic("latency", latency=100)
    proxy.toxic("bandwidth", rate=100)
    client, peer = proxy.open()
    assert timed(wire, peer, client, 20 * KB) >= 0.290
