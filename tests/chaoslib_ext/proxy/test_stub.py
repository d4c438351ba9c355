"""A toxic at work: what happens to one that misbehaves."""

import asyncio
import logging
from dataclasses import dataclass

from chaoslib_ext.proxy.toxics import Toxic
from chaoslib_ext.proxy.toxics.latency import Latency
from chaoslib_ext.testing.toxics import ToxicBench


@dataclass
class Breaks(Toxic):
    async def pipe(self, stub):
        await stub.read()
        raise RuntimeError("broken on purpose")


@dataclass
class Stubborn(Toxic):
    async def pipe(self, stub):
        for _ in range(3):  # at last it lets go, or Python itself would complain
            try:
                await stub.forever()
            except asyncio.CancelledError:  # what stopping sends: this one does not obey
                continue


def test_a_toxic_that_breaks_ends_its_connection_and_is_reported(caplog):
    logging.getLogger("chaoslib_ext.proxy").propagate = True
    bench = ToxicBench(Breaks())
    bench.send(b"x")
    assert bench.closed
    assert "broken on purpose" in caplog.text


def test_a_toxic_that_will_not_stop_is_left_behind_without_its_bytes_being_lost():
    bench = ToxicBench(Stubborn())
    bench.send(b"x")
    bench.remove()
    assert bench.received == b"x"


def test_data_waits_while_the_receiver_is_stalled_and_then_goes_on():
    bench = ToxicBench(Latency(latency=1))
    bench.stall()
    for _ in range(3):
        bench.send(b"x")
    bench.move(1)
    assert len(bench.received) <= 1  # one may be on its way; the rest waits
    bench.stall(False)
    assert bench.received == b"xxx"
