"""Slicer: each chunk is cut into pieces of about the average size, with a pause after each."""

import os

import pytest

EITHER = pytest.mark.parametrize("stream", ["upstream", "downstream"])


def pieces(wire, sock, total):
    """What single reads brought, until `total` bytes are here. Pauses between pieces keep TCP from merging them."""
    sock.settimeout(10)
    got = []
    while sum(map(len, got)) < total and (piece := sock.recv(65536)):
        got.append(piece)
    return got


@EITHER
def test_every_byte_arrives_in_order(link, wire, stream):
    proxy = link()
    proxy.toxic("slicer", stream=stream, average_size=100, size_variation=50, delay=0)
    client, peer = proxy.open()
    sender, receiver = (client, peer) if stream == "upstream" else (peer, client)
    data = os.urandom(100_000)
    sender.sendall(data)
    sender.close()
    assert wire.rest(receiver) == (data, "eof")


@pytest.mark.parametrize(("size", "average", "expected"), [
    (10, 5, [5, 5]),
    (16, 4, [4, 4, 4, 4]),
    (10, 3, [2, 3, 2, 3]),
    (10, 10, [10]),
    (10, 50, [10]),
    (11, 10, [5, 6]),
    (3, 1, [1, 1, 1]),
])  # fmt: skip
def test_without_variation_a_chunk_is_halved_until_it_fits(link, wire, size, average, expected):
    proxy = link()
    proxy.toxic("slicer", average_size=average, size_variation=0, delay=100_000)
    client, peer = proxy.open()
    data = os.urandom(size)
    peer.sendall(data)
    got = pieces(wire, client, size)
    assert b"".join(got) == data
    assert [len(piece) for piece in got] == expected


def test_pieces_lie_between_half_the_average_and_average_plus_variation(link, wire):
    proxy = link()
    proxy.toxic("slicer", average_size=64, size_variation=16, delay=25_000)
    client, peer = proxy.open()
    data = os.urandom(2048)
    peer.sendall(data)
    got = pieces(wire, client, len(data))
    assert b"".join(got) == data
    sizes = [len(piece) for piece in got]
    single = [size for size in sizes if size <= 80]
    assert len(single) >= len(sizes) * 0.6  # a late reader may find two pieces at once
    assert min(sizes) >= 64 // 2 - 16
    assert len({*single}) > 1


def test_the_delay_is_in_microseconds_and_follows_each_piece(link, wire):
    proxy = link()
    proxy.toxic("slicer", average_size=10, size_variation=0, delay=1_500_000)
    client, peer = proxy.open()
    start = wire.now()
    peer.sendall(b"0123456789" * 2)
    assert wire.read(client, 10) == b"0123456789"
    assert wire.now() - start < 1.5  # the first piece is not delayed
    assert len(wire.read(client, 10)) == 10
    assert 1.5 <= wire.now() - start < 10  # one pause before the second piece


def test_the_pause_also_follows_the_last_piece(link, wire):
    proxy = link()
    proxy.toxic("slicer", average_size=10, size_variation=0, delay=300_000)
    client, peer = proxy.open()
    start = wire.now()
    peer.sendall(b"0123456789")
    assert wire.read(client, 10) == b"0123456789"
    peer.sendall(b"next")
    assert wire.read(client, 4) == b"next"
    assert wire.now() - start >= 0.300


def test_removing_it_sends_the_rest_at_once(link, wire):
    proxy = link()
    proxy.toxic("slicer", "t", average_size=1, size_variation=0, delay=1_000_000)
    client, peer = proxy.open()
    peer.sendall(b"0123456789")
    first = wire.read(client, 2)
    start = wire.now()
    proxy.remove("t")
    assert first + wire.read(client, 8) == b"0123456789"
    assert wire.now() - start < 6  # eight pauses would be 8 s


def test_an_update_keeps_the_rest_of_the_chunk(link, wire):
    proxy = link()
    proxy.toxic("slicer", "t", average_size=1, size_variation=0, delay=200_000)
    client, peer = proxy.open()
    peer.sendall(b"0123456789")
    first = wire.read(client, 2)
    proxy.update("t", delay=0)
    assert first + wire.read(client, 8) == b"0123456789"


def test_variation_is_random(link, wire):
    proxy = link()
    proxy.toxic("slicer", average_size=100, size_variation=90, delay=10_000)
    seen = set()
    for _ in range(3):
        client, peer = proxy.open()
        peer.sendall(b"x" * 1000)
        seen.add(tuple(map(len, pieces(wire, client, 1000))))
    assert len(seen) > 1
