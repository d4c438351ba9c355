"""Counters: they move while the connection is open, on the fast path and through toxics."""

import asyncio

import pytest

from chaoslib_ext.proxy.placed import Placed
from chaoslib_ext.proxy.toxics.latency import Latency
from chaoslib_ext.proxy.toxics.limit_data import LimitData


@pytest.mark.parametrize("kind", [None, Latency(latency=1)])
async def test_what_passes_is_counted_as_it_passes(linked, kind):
    if kind:
        linked.proxy.add(Placed("t", "any", "upstream", kind))
    linked.client_out.write(b"x" * 1000)
    assert await asyncio.wait_for(linked.peer.readexactly(1000), 20)
    up, down = linked.proxy.traffic["upstream"], linked.proxy.traffic["downstream"]
    assert (up.received, up.sent, down.received, down.sent) == (1000, 1000, 0, 0)


async def test_what_a_toxic_keeps_back_was_received_and_not_sent(linked):
    linked.proxy.add(Placed("t", "any", "upstream", LimitData(bytes=10)))
    linked.client_out.write(b"x" * 1000)
    assert await asyncio.wait_for(linked.peer.read(), 20) == b"x" * 10
    up = linked.proxy.traffic["upstream"]
    assert (up.received, up.sent) == (1000, 10)
