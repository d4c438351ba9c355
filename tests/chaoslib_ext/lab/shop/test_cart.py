def test_what_was_put_into_the_cart_is_ordered_and_the_cart_is_empty(shop) -> None:
    for _ in range(2):
        assert shop.ask("storefront", "POST", "/cart/eve", {"sku": "cup"})[0] == 201
    assert shop.ask("storefront", "GET", "/cart/eve") == (200, {"items": {"cup": 2}})
    status, told = shop.ask("storefront", "POST", "/checkout", {"customer": "eve"})
    assert (status, told["total_cents"]) == (201, 1980)
    assert shop.ask("storefront", "GET", "/cart/eve") == (200, {"items": {}})


def test_without_the_cache_a_cart_is_out_of_reach_and_says_so_soon(shop) -> None:
    shop.proxy.add_toxic("storefront-valkey", "timeout", attributes={"timeout": 0})
    status, told = shop.ask("storefront", "GET", "/cart/eve", timeout=5)
    assert (status, "cache" in told["error"]) == (503, True)
