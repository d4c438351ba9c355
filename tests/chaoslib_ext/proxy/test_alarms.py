"""Deadlines: never early, whatever the event loop thinks of time."""

import asyncio

import pytest

from chaoslib_ext.clock import SYSTEM
from chaoslib_ext.proxy import alarms
from chaoslib_ext.proxy.alarms import Alarms


@pytest.fixture(params=["timerfd", "loop"])
async def ringing(request, monkeypatch):
    if request.param == "loop":
        monkeypatch.setattr(alarms, "_timerfd", lambda: (None, -1))
    made = Alarms(asyncio.get_running_loop())
    yield made
    made.close()


async def rung(ringing, whens):
    """When each deadline rang, in the order in which they rang."""
    seen, all_rang = [], asyncio.Event()

    def ring(when):
        seen.append((when, SYSTEM.monotonic()))
        if len(seen) == len(whens):
            all_rang.set()

    for when in whens:
        ringing.at(when, lambda when=when: ring(when))
    await asyncio.wait_for(all_rang.wait(), 10)
    return seen


async def test_never_early_and_in_order(ringing):
    start = ringing.now()
    whens = [start + (n * 37 % 101) / 1000 for n in range(100)]
    seen = await rung(ringing, whens)
    assert all(rang >= when for when, rang in seen)
    assert [when for when, _ in seen] == sorted(whens)


async def test_an_earlier_one_set_later_rings_first(ringing):
    now = ringing.now()
    seen = await rung(ringing, [now + 0.08, now + 0.02, now - 1])
    assert [round(when - now, 2) for when, _ in seen] == [-1, 0.02, 0.08]


async def test_cancelled_and_endless_ones_do_not_ring(ringing):
    rang = []
    ringing.at(ringing.now() + 0.01, lambda: rang.append("cancelled")).cancel()
    ringing.at(float("inf"), lambda: rang.append("endless"))
    ringing.at(1e300, lambda: rang.append("in ages"))
    await rung(ringing, [ringing.now() + 0.03])
    assert rang == []


async def test_one_that_breaks_does_not_silence_the_others(ringing):
    def breaks():
        raise RuntimeError("broken on purpose")

    asyncio.get_running_loop().set_exception_handler(lambda *_: None)
    now = ringing.now()
    ringing.at(now + 0.01, breaks)
    await rung(ringing, [now + 0.01, now + 0.02])


async def test_cancelled_ones_do_not_pile_up(ringing):
    for _ in range(10_000):
        ringing.at(ringing.now() + 3600, lambda: None).cancel()
    assert len(ringing._queue) < 3000
    await rung(ringing, [ringing.now() + 0.01])
