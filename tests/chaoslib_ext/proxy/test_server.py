"""All proxies together: calls that meet while an address is still being looked up."""

import asyncio

import pytest

from chaoslib_ext.proxy import listening, server
from chaoslib_ext.proxy.bodies import ApiError, ProxyBody
from chaoslib_ext.proxy.listening import Address
from chaoslib_ext.proxy.server import Server


@pytest.fixture
async def proxies():
    made = Server()
    yield made
    made.close()


@pytest.fixture
def slow_lookup(monkeypatch):
    """`listen` texts starting with `slow` resolve to a free port of loopback, but only when told."""
    told = asyncio.Event()
    real = listening.resolved

    async def resolved(listen):
        if not listen.startswith("slow"):
            return await real(listen)
        await told.wait()
        return Address("127.0.0.1", 0)

    monkeypatch.setattr(server, "resolved", resolved)
    monkeypatch.setattr("chaoslib_ext.proxy.proxy.resolved", resolved)
    return told


async def started(awaitable):
    """The call, on its way and waiting."""
    task = asyncio.ensure_future(awaitable)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert not task.done()
    return task


async def test_of_two_that_create_the_same_name_one_wins(proxies, slow_lookup):
    calls = [await started(proxies.create(ProxyBody("p", "x:1", "slow:0"))) for _ in range(2)]
    slow_lookup.set()
    results = await asyncio.gather(*calls, return_exceptions=True)
    assert sorted(type(result).__name__ for result in results) == ["ApiError", "Proxy"]
    assert [result.status for result in results if isinstance(result, ApiError)] == [409]


async def test_a_lookup_that_hangs_holds_up_nobody_else(proxies, slow_lookup):
    hanging = await started(proxies.create(ProxyBody("p", "x:1", "slow:0")))
    other = await proxies.create(ProxyBody("q", "x:1", "127.0.0.1:0"))
    await proxies.update("q", {"enabled": False})
    assert not other.enabled
    proxies.delete("q")
    slow_lookup.set()
    assert (await hanging).enabled


async def test_a_proxy_deleted_during_its_update_is_not_started_again(proxies, slow_lookup):
    proxy = await proxies.create(ProxyBody("p", "x:1", "127.0.0.1:0"))
    updating = await started(proxies.update("p", {"listen": "slow:0"}))
    proxies.delete("p")
    slow_lookup.set()
    with pytest.raises(ApiError, match="proxy not found"):
        await updating
    assert not proxy.enabled


async def test_an_update_does_not_take_back_another_one_s_listen(proxies, slow_lookup):
    await proxies.create(ProxyBody("p", "x:1", "slow:0", enabled=False))
    enabling = await started(proxies.update("p", {"enabled": True}))
    await proxies.update("p", {"listen": "127.0.0.1:0"})
    slow_lookup.set()
    proxy = await enabling
    assert proxy.enabled
    assert proxy.listen.startswith("127.0.0.1:")


async def test_a_taken_port_leaves_the_proxy_stopped_with_the_new_listen(proxies):
    taken = await proxies.create(ProxyBody("q", "x:1", "127.0.0.1:0"))
    await proxies.create(ProxyBody("p", "x:1", "127.0.0.1:0"))
    with pytest.raises(ApiError, match="address already in use"):
        await proxies.update("p", {"listen": taken.listen})
    shown = proxies.proxy("p").as_json()
    assert (shown["enabled"], shown["listen"]) == (False, taken.listen)


async def test_a_proxy_nothing_passed_through_leaves_no_counters(proxies):
    await proxies.create(ProxyBody("p", "x:1", "127.0.0.1:0"))
    assert proxies.traffic
    proxies.delete("p")
    assert not proxies.traffic
