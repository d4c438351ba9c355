"""One direction: toxics come and go while bytes flow, and a receiver that does not read stops only its sender."""

import asyncio

import pytest

from chaoslib_ext.proxy.placed import Placed
from chaoslib_ext.proxy.toxics.bandwidth import Bandwidth
from chaoslib_ext.proxy.toxics.latency import Latency
from chaoslib_ext.proxy.toxics.noop import Noop
from chaoslib_ext.proxy.toxics.slicer import Slicer


def toxic(kind, stream="downstream", name="t"):
    return Placed(name, "any", stream, kind)


async def test_toxics_come_and_go_on_a_live_stream_without_a_byte_lost_or_moved(linked):
    sent = b"".join(n.to_bytes(4, "big") for n in range(2_000_000))
    proxy = linked.proxy

    async def send():
        for start in range(0, len(sent), 100_000):
            linked.client_out.write(sent[start : start + 100_000])
            await linked.client_out.drain()

    async def meddle():
        turns = [Latency(latency=1), Slicer(average_size=5000), Bandwidth(rate=900_000), Latency(latency=3), Noop()]
        while not sending.done():
            for number, kind in enumerate(turns):
                placed = toxic(kind, "upstream", f"t{number}")
                proxy.add(placed)
                await asyncio.sleep(0.001)
                proxy.update(placed, kind, 1.0)
                if number % 2:
                    proxy.remove(placed)
            for placed in list(proxy.toxics):
                await asyncio.sleep(0)
                proxy.remove(placed)

    sending = asyncio.create_task(send())
    meddling = asyncio.create_task(meddle())
    assert await asyncio.wait_for(linked.peer.readexactly(len(sent)), 60) == sent
    await sending
    await meddling
    assert linked.connection.links["upstream"].first is None  # the last one gone, it is the fast path again


@pytest.mark.parametrize("kind", [None, Latency(latency=1), Slicer(average_size=1000), Bandwidth(rate=10**6)])
async def test_a_receiver_that_does_not_read_stops_the_sender_and_nothing_else(linked, kind):
    proxy = linked.proxy
    if kind:
        proxy.add(toxic(kind))
    link = linked.connection.links["downstream"]
    while link.traffic.received < 200_000_000:
        linked.peer_out.write(b"x" * 100_000)
        try:
            await asyncio.wait_for(linked.peer_out.drain(), 0.5)
        except TimeoutError:
            break
    assert not link.source.reading  # the sender was stopped, so memory is bounded
    placed = toxic(Latency(latency=5), name="second")
    proxy.add(placed)
    proxy.remove(placed)
    proxy.stop()
    assert not proxy.connections


async def test_after_a_pause_the_stream_goes_on(linked):
    sent = b"y" * 20_000_000
    linked.peer_out.write(sent)
    async with asyncio.timeout(20):
        while linked.connection.links["downstream"].source.reading:
            await asyncio.sleep(0.01)
    assert await asyncio.wait_for(linked.client.readexactly(len(sent)), 20) == sent


async def test_a_toxic_placed_between_two_acts_in_its_order(linked):
    """One that lost its draw and wins it at an update stands where it was placed, not at the end."""
    first, second = toxic(Latency(), name="first"), toxic(Latency(), name="second")
    first.toxicity = 0
    linked.proxy.add(first)
    linked.proxy.add(second)
    linked.proxy.update(first, first.toxic, 1.0)
    assert [stub.placed for stub in linked.connection.links["downstream"].stubs] == [first, second]
