"""The contract for toxics finds what breaks it, and the bench tells the truth."""

from dataclasses import dataclass

import pytest

from chaoslib_ext.proxy.toxics import Toxic
from chaoslib_ext.proxy.toxics.latency import Latency
from chaoslib_ext.testing.toxics import ToxicBench, check_toxic

pytestmark = pytest.mark.joins("testing", "proxy")


@dataclass
class Loses(Toxic):
    async def pipe(self, stub):
        while chunk := await stub.read():
            chunk.cut(1)
            await stub.write(chunk)


@dataclass
class Reverses(Toxic):
    async def pipe(self, stub):
        while chunk := await stub.read():
            chunk.data = bytes(reversed(chunk.data))
            await stub.write(chunk)


@dataclass
class Unusable(Toxic):
    size: int = 0

    def problem(self, given=()):
        return "size must be at least 1"


@pytest.mark.parametrize("toxic", [Loses, Reverses, Unusable])
def test_check_toxic_finds_what_breaks_the_contract(toxic):
    with pytest.raises(AssertionError):
        check_toxic(toxic)


def test_on_the_bench_time_stands_still_until_it_is_moved():
    bench = ToxicBench(Latency(latency=3_600_000))
    bench.send(b"x")
    bench.move(3599)
    assert bench.pieces == []
    bench.move(1)
    assert bench.pieces == [(3600.0, b"x")]
