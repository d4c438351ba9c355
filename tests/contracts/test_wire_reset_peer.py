"""Reset peer: at the first chunk or end, after so long, RST to both."""

import time

import pytest

EITHER = pytest.mark.parametrize("stream", ["upstream", "downstream"])


def sides(stream, client, peer):
    """(the side that sends in that direction, the side that receives)."""
    return (client, peer) if stream == "upstream" else (peer, client)


@EITHER
def test_reset_peer_resets_both_ends_at_the_first_chunk(link, wire, stream):
    proxy = link()
    proxy.toxic("reset_peer", stream=stream, timeout=0)
    client, peer = proxy.open()
    assert wire.silent(client, 0.2)
    sender, receiver = sides(stream, client, peer)
    sender.sendall(b"dropped")
    assert wire.rest(receiver) == (b"", "reset")
    assert wire.rest(sender) == (b"", "reset")


@EITHER
def test_reset_peer_waits_its_time_after_the_first_chunk(link, wire, stream):
    proxy = link()
    proxy.toxic("reset_peer", stream=stream, timeout=300)
    client, peer = proxy.open()
    time.sleep(0.1)
    sender, receiver = sides(stream, client, peer)
    start = wire.now()
    sender.sendall(b"dropped")
    assert wire.rest(receiver) == (b"", "reset")
    assert 0.300 <= wire.now() - start < 1.5
    assert wire.rest(sender) == (b"", "reset")


def test_reset_peer_drops_everything_meanwhile(link, wire):
    proxy = link()
    proxy.toxic("reset_peer", timeout=300)
    client, peer = proxy.open()
    for _ in range(3):
        peer.sendall(b"dropped")
        time.sleep(0.05)
    assert wire.rest(client) == (b"", "reset")


def test_reset_peer_lets_the_other_direction_pass_meanwhile(link, wire):
    proxy = link()
    proxy.toxic("reset_peer", timeout=500)
    client, peer = proxy.open()
    client.sendall(b"request")
    assert wire.read(peer, 7) == b"request"
    peer.sendall(b"dropped")
    client.sendall(b"more")
    assert wire.read(peer, 4) == b"more"
    assert wire.rest(client) == (b"", "reset")


def test_reset_peer_also_answers_an_end_with_a_reset(link, wire):
    proxy = link()
    proxy.toxic("reset_peer", timeout=0)
    client, peer = proxy.open()
    peer.close()
    assert wire.rest(client) == (b"", "reset")


def test_reset_peer_on_each_new_connection(link, wire):
    proxy = link()
    proxy.toxic("reset_peer", stream="upstream", timeout=0)
    for _ in range(5):
        client, peer = proxy.open()
        client.sendall(b"x")
        assert wire.ending(client) == "reset"
        assert wire.ending(peer) == "reset"


def test_without_reset_peer_new_connections_are_well(link, wire):
    proxy = link()
    proxy.toxic("reset_peer", "t", timeout=0)
    proxy.remove("t")
    client, peer = proxy.open()
    peer.sendall(b"well")
    peer.close()
    assert wire.rest(client) == (b"well", "eof")


def test_reset_peer_added_to_an_open_connection_ends_it(link, wire):
    """By FIN on the original, which switches lingering on only where a connection begins; by RST on ours."""
    proxy = link()
    client, peer = proxy.open()
    proxy.toxic("reset_peer", timeout=0)
    assert wire.silent(client, 0.1)
    peer.sendall(b"dropped")
    assert wire.rest(client)[0] == b""
    assert wire.rest(peer)[0] == b""


def test_a_negative_timeout_is_none(link, wire):
    proxy = link()
    proxy.toxic("reset_peer", timeout=-300)
    client, peer = proxy.open()
    peer.sendall(b"dropped")
    assert wire.rest(client) == (b"", "reset")
