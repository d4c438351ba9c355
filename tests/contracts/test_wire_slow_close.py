"""Slow close: data as ever, the end later."""

import pytest

EITHER = pytest.mark.parametrize("stream", ["upstream", "downstream"])


def sides(stream, client, peer):
    """(the side that sends in that direction, the side that receives)."""
    return (client, peer) if stream == "upstream" else (peer, client)


@EITHER
def test_slow_close_holds_the_end_but_not_the_data(link, wire, stream):
    proxy = link()
    proxy.toxic("slow_close", "t", stream=stream, delay=60_000)
    sender, receiver = sides(stream, *proxy.open())
    sender.sendall(b"data")
    assert wire.read(receiver, 4) == b"data"
    proxy.update("t", delay=600)
    start = wire.now()
    sender.close()
    assert wire.rest(receiver) == (b"", "eof")
    assert 0.600 <= wire.now() - start < 2.0


def test_slow_close_leaves_the_other_direction_s_end_alone(link, wire):
    proxy = link()
    proxy.toxic("slow_close", stream="upstream", delay=20_000)
    client, peer = proxy.open()
    start = wire.now()
    peer.close()
    assert wire.rest(client) == (b"", "eof")
    assert wire.now() - start < 2


def test_removing_slow_close_closes_at_once(link, wire):
    proxy = link()
    proxy.toxic("slow_close", "t", delay=20_000)
    client, peer = proxy.open()
    peer.close()
    assert wire.silent(client, 0.2)
    proxy.remove("t")
    assert wire.rest(client, timeout=5) == (b"", "eof")


def test_updating_slow_close_restarts_the_delay(link, wire):
    proxy = link()
    proxy.toxic("slow_close", "t", delay=20_000)
    client, peer = proxy.open()
    peer.close()
    assert wire.silent(client, 0.2)
    start = wire.now()
    proxy.update("t", delay=300)
    assert wire.rest(client, timeout=5) == (b"", "eof")
    assert wire.now() - start >= 0.295


def test_slow_close_0_is_no_delay(link, wire):
    proxy = link()
    proxy.toxic("slow_close", delay=0)
    client, peer = proxy.open()
    start = wire.now()
    peer.close()
    assert wire.rest(client) == (b"", "eof")
    assert wire.now() - start < 1


def test_a_negative_delay_is_none(link, wire):
    proxy = link()
    proxy.toxic("slow_close", delay=-20_000)
    client, peer = proxy.open()
    start = wire.now()
    peer.close()
    assert wire.rest(client) == (b"", "eof")
    assert wire.now() - start < 1
