from chaoslib_ext.lab.features import harden


def test_without_checkout_it_says_so_with_a_503(shop) -> None:
    shop.proxy.update("storefront-checkout", enabled=False)
    status, told = shop.ask("storefront", "POST", "/checkout", {"customer": "eve", "items": {"cup": 1}})
    assert (status, "checkout" in told["error"]) == (503, True)


def test_an_order_without_a_customer_is_refused(shop) -> None:
    assert shop.ask("storefront", "POST", "/checkout", {"items": {"cup": 1}})[0] == 400


def test_as_shipped_there_is_no_page_without_recommendations(shop) -> None:
    assert shop.ask("storefront", "GET", "/")[1]["recommended"]
    shop.proxy.update("storefront-recommendations", enabled=False)
    assert shop.ask("storefront", "GET", "/")[0] == 503


def test_hardened_the_page_comes_without_them(shop) -> None:
    harden(["recommendations-fallback"])
    shop.proxy.update("storefront-recommendations", enabled=False)
    status, told = shop.ask("storefront", "GET", "/")
    assert (status, told["recommended"]) == (200, [])
    assert told["products"]


def test_as_shipped_it_is_ready_whatever_is_wrong_behind_it(shop) -> None:
    shop.proxy.add_toxic("orders-postgres", "timeout", attributes={"timeout": 0})
    assert shop.ask("storefront", "GET", "/ready")[0] == 200


def test_hardened_it_is_ready_only_when_an_order_could_be_taken(shop) -> None:
    harden(["honest-health"])
    assert shop.ask("storefront", "GET", "/ready")[0] == 200
    shop.proxy.add_toxic("orders-postgres", "timeout", attributes={"timeout": 0})
    assert shop.ask("storefront", "GET", "/ready")[0] == 503
