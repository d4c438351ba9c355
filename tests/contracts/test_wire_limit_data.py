"""Limit data: exactly so many bytes, then the end."""

import os

import pytest

EITHER = pytest.mark.parametrize("stream", ["upstream", "downstream"])


def sides(stream, client, peer):
    """(the side that sends in that direction, the side that receives)."""
    return (client, peer) if stream == "upstream" else (peer, client)


@EITHER
@pytest.mark.parametrize(("limit", "sent"), [(1, 100), (100, 100), (1000, 5000), (40_000, 100_000), (100_000, 100_000)])
def test_limit_data_passes_exactly_that_many_then_closes(link, wire, stream, limit, sent):
    proxy = link()
    proxy.toxic("limit_data", stream=stream, bytes=limit)
    sender, receiver = sides(stream, *proxy.open())
    data = os.urandom(sent)
    try:
        sender.sendall(data)
    except ConnectionError:
        pass  # closed while we wrote: what came through is what counts
    assert wire.rest(receiver)[0] == data[:limit]


def test_limit_data_counts_over_chunks(link, wire):
    proxy = link()
    proxy.toxic("limit_data", bytes=10)
    client, peer = proxy.open()
    for piece in (b"abc", b"def", b"ghi"):
        peer.sendall(piece)
        assert wire.read(client, 3) == piece
    assert wire.silent(client, 0.1)
    peer.sendall(b"jkl")
    assert wire.rest(client)[0] == b"j"


def test_limit_data_below_the_limit_stays_open(link, wire):
    proxy = link()
    proxy.toxic("limit_data", bytes=10)
    client, peer = proxy.open()
    peer.sendall(b"123456789")
    assert wire.read(client, 9) == b"123456789"
    assert wire.silent(client, 0.2)
    client.sendall(b"free")
    assert wire.read(peer, 4) == b"free"


def test_limit_data_0_closes_at_the_first_chunk_with_nothing_passed(link, wire):
    proxy = link()
    proxy.toxic("limit_data", bytes=0)
    client, peer = proxy.open()
    assert wire.silent(client, 0.2)
    peer.sendall(b"x")
    assert wire.rest(client)[0] == b""


def test_limit_data_is_per_connection(link, wire):
    proxy = link()
    proxy.toxic("limit_data", bytes=4)
    for _ in range(3):
        client, peer = proxy.open()
        peer.sendall(b"12345678")
        assert wire.rest(client)[0] == b"1234"


def test_an_update_of_limit_data_keeps_the_count(link, wire):
    proxy = link()
    proxy.toxic("limit_data", "t", bytes=10)
    client, peer = proxy.open()
    peer.sendall(b"12345678")
    assert wire.read(client, 8) == b"12345678"
    proxy.update("t", bytes=12)
    peer.sendall(b"9abcdef")
    assert wire.rest(client)[0] == b"9abc"


def test_an_update_below_the_count_closes_at_the_next_chunk(link, wire):
    proxy = link()
    proxy.toxic("limit_data", "t", bytes=10)
    client, peer = proxy.open()
    peer.sendall(b"12345678")
    assert wire.read(client, 8) == b"12345678"
    # The original writes the new number before it stops the toxic, which may still be about to compare
    # it with its count. An update stops the toxic first, so after one that changes nothing it has counted.
    proxy.update("t", bytes=10)
    proxy.update("t", bytes=5)
    assert wire.silent(client, 0.2)
    peer.sendall(b"9")
    assert wire.rest(client)[0] == b""


def test_an_update_to_toxicity_0_and_back_keeps_the_count(link, wire):
    proxy = link()
    proxy.toxic("limit_data", "t", bytes=10)
    client, peer = proxy.open()
    peer.sendall(b"12345678")
    assert wire.read(client, 8) == b"12345678"
    for toxicity in (0, 1):
        assert proxy.api.patch(f"{proxy.path}/toxics/t", {"toxicity": toxicity}).status == 200
        if not toxicity:
            peer.sendall(b"free, free")
            assert wire.read(client, 10) == b"free, free"
    peer.sendall(b"9abcdef")
    assert wire.rest(client)[0] == b"9a"


def test_removing_limit_data_forgets_the_count(link, wire):
    proxy = link()
    for _ in range(2):
        proxy.toxic("limit_data", "t", bytes=5)
        client, peer = proxy.open()
        peer.sendall(b"123")
        assert wire.read(client, 3) == b"123"
        proxy.remove("t")
        peer.sendall(b"456789")
        assert wire.read(client, 6) == b"456789"


def test_limit_data_added_to_an_open_connection_counts_from_then(link, wire):
    proxy = link()
    client, peer = proxy.open()
    peer.sendall(b"0123456789")
    assert wire.read(client, 10) == b"0123456789"
    proxy.toxic("limit_data", bytes=3)
    peer.sendall(b"abcdef")
    assert wire.rest(client)[0] == b"abc"


def test_a_negative_limit_is_0(link, wire):
    proxy = link()
    proxy.toxic("limit_data", bytes=-5)
    client, peer = proxy.open()
    peer.sendall(b"x")
    assert wire.rest(client)[0] == b""


def test_both_ends_are_closed_at_the_limit(link, wire):
    proxy = link()
    proxy.toxic("limit_data", bytes=3)
    client, peer = proxy.open()
    peer.sendall(b"abc")
    assert wire.rest(client)[0] == b"abc"
    assert wire.rest(peer)[0] == b""
