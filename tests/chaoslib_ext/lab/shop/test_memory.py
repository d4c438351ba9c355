import pytest

from chaoslib_ext.lab.shop.memory import CacheGone, Memory


def test_a_cache_that_is_silent_is_gone_soon(shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CACHE_URL", f"valkey://:{shop.lab.secret}@{shop.lab.links['cart-valkey']}/0")
    memory = Memory()
    assert memory.ask("ping")
    shop.proxy.add_toxic("cart-valkey", "timeout", attributes={"timeout": 0})
    with pytest.raises(CacheGone, match="does not answer"):
        memory.ask("get", "products")
