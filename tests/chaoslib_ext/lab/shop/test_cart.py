import pytest

from chaoslib_ext.lab.features import harden


def test_what_was_put_into_the_cart_is_ordered_and_the_cart_is_empty(shop) -> None:
    for _ in range(2):
        assert shop.ask("storefront", "POST", "/cart/eve", {"sku": "cup"})[0] == 201
    assert shop.ask("storefront", "GET", "/cart/eve") == (200, {"items": {"cup": 2}})
    status, told = shop.ask("storefront", "POST", "/checkout", {"customer": "eve"})
    assert (status, told["total_cents"]) == (201, 1980)
    assert shop.ask("storefront", "GET", "/cart/eve") == (200, {"items": {}})


@pytest.mark.parametrize("body", [{"sku": ""}, {"sku": "cup", "quantity": 0}, {"sku": "cup", "quantity": True}, {}])
def test_what_makes_no_sense_is_not_put_in(shop, body: object) -> None:
    assert shop.ask("cart", "POST", "/carts/eve", body)[0] == 400


def test_as_shipped_a_cart_is_lost_with_the_cache(shop) -> None:
    assert shop.ask("storefront", "GET", "/cart/mei")[1]["items"]
    shop.proxy.update("cart-valkey", enabled=False)
    assert shop.ask("storefront", "GET", "/cart/mei") == (200, {"items": {}})
    assert shop.ask("storefront", "POST", "/cart/mei", {"sku": "cup"})[0] == 503


def test_hardened_a_cart_outlives_the_cache_and_can_be_filled_without_it(shop) -> None:
    harden(["cart-durability"])
    before = shop.ask("storefront", "GET", "/cart/mei")[1]["items"]
    shop.proxy.update("cart-valkey", enabled=False)
    assert shop.ask("storefront", "GET", "/cart/mei") == (200, {"items": before})
    assert shop.ask("storefront", "POST", "/cart/zoe", {"sku": "cup", "quantity": 3})[0] == 201
    assert shop.ask("storefront", "GET", "/cart/zoe") == (200, {"items": {"cup": 3}})
