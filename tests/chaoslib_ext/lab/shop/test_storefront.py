def test_the_product_list_comes_from_the_cache_the_second_time(shop) -> None:
    first, second = shop.ask("storefront", "GET", "/"), shop.ask("storefront", "GET", "/")
    assert second[1]["from"] == "cache"
    assert first[1]["products"] == second[1]["products"]


def test_without_the_cache_it_comes_from_checkout_and_one_can_still_buy(shop) -> None:
    shop.proxy.update("storefront-valkey", enabled=False)
    status, told = shop.ask("storefront", "GET", "/")
    assert (status, told["from"]) == (200, "checkout")
    assert shop.ask("storefront", "POST", "/checkout", {"customer": "eve", "items": {"cup": 1}})[0] == 201


def test_without_checkout_it_says_so_with_a_503(shop) -> None:
    shop.proxy.update("storefront-checkout", enabled=False)
    status, told = shop.ask("storefront", "POST", "/checkout", {"customer": "eve", "items": {"cup": 1}})
    assert (status, "checkout" in told["error"]) == (503, True)
