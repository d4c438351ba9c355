"""Timeout: everything of its direction is lost; above 0 it closes after that long."""

import pytest

EITHER = pytest.mark.parametrize("stream", ["upstream", "downstream"])


def sides(stream, client, peer):
    """(the side that sends in that direction, the side that receives)."""
    return (client, peer) if stream == "upstream" else (peer, client)


@EITHER
def test_timeout_0_swallows_all_of_one_direction_and_never_closes(link, wire, stream):
    proxy = link()
    proxy.toxic("timeout", stream=stream, timeout=0)
    sender, receiver = sides(stream, *proxy.open())
    sender.sendall(b"lost")
    assert wire.silent(receiver, 0.4)
    receiver.sendall(b"the other way is free")
    assert wire.read(sender, 21) == b"the other way is free"


@EITHER
def test_timeout_closes_both_ends_after_that_long_from_connect(link, wire, stream):
    proxy = link()
    proxy.toxic("timeout", stream=stream, timeout=300)
    start = wire.now()
    client, peer = proxy.open()
    assert wire.rest(client) == (b"", "eof")
    assert 0.290 <= wire.now() - start < 1.5
    assert wire.rest(peer)[0] == b""


def test_timeout_loses_what_was_sent_before_it_fired(link, wire):
    proxy = link()
    proxy.toxic("timeout", timeout=300)
    client, peer = proxy.open()
    peer.sendall(b"lost")
    assert wire.rest(client)[0] == b""


def test_timeout_added_to_an_open_connection_counts_from_then(link, wire):
    proxy = link()
    client, peer = proxy.open()
    peer.sendall(b"before")
    assert wire.read(client, 6) == b"before"
    start = wire.now()
    proxy.toxic("timeout", timeout=250)
    assert wire.rest(client) == (b"", "eof")
    assert 0.245 <= wire.now() - start < 1.5


def test_updating_timeout_restarts_it(link, wire):
    proxy = link()
    proxy.toxic("timeout", "t", timeout=20_000)
    client, _ = proxy.open()
    start = wire.now()
    proxy.update("t", timeout=250)
    assert wire.rest(client, timeout=5) == (b"", "eof")
    assert wire.now() - start >= 0.245


@pytest.mark.parametrize("timeout", [0, 20_000])
def test_removing_timeout_closes_the_connections_it_held(link, wire, timeout):
    proxy = link()
    proxy.toxic("timeout", "t", timeout=timeout)
    client, peer = proxy.open()
    peer.sendall(b"lost")
    assert wire.silent(client, 0.1)
    proxy.remove("t")
    assert wire.rest(client, timeout=5)[0] == b""
    assert wire.rest(peer, timeout=5)[0] == b""


def test_an_update_to_toxicity_0_lets_the_connection_live(link, wire):
    proxy = link()
    proxy.toxic("timeout", "t", timeout=0)
    client, peer = proxy.open()
    peer.sendall(b"lost")
    assert wire.silent(client, 0.1)
    assert proxy.api.patch(f"{proxy.path}/toxics/t", {"toxicity": 0}).status == 200
    peer.sendall(b"down")
    assert wire.read(client, 4) == b"down"
    client.sendall(b"up")
    assert wire.read(peer, 2) == b"up"


def test_after_removing_timeout_new_connections_are_well(link, wire):
    proxy = link()
    proxy.toxic("timeout", "t", timeout=0)
    proxy.open()
    proxy.remove("t")
    client, peer = proxy.open()
    peer.sendall(b"well")
    assert wire.read(client, 4) == b"well"


def test_the_sender_s_end_passes_through_timeout(link, wire):
    proxy = link()
    proxy.toxic("timeout", timeout=0)
    client, peer = proxy.open()
    peer.sendall(b"lost")
    peer.close()
    assert wire.rest(client) == (b"", "eof")


def test_a_negative_timeout_never_closes(link, wire):
    proxy = link()
    proxy.toxic("timeout", timeout=-300)
    client, peer = proxy.open()
    peer.sendall(b"lost")
    assert wire.silent(client, 0.5)
