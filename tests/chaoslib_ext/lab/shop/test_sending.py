from concurrent.futures import ThreadPoolExecutor

from chaoslib_ext.lab.features import harden

ORDER = {"customer": "ann", "items": {"cup": 1}}


def most_asked(shop) -> int:
    return int(shop.ask("shipping", "GET", "/quotes/last?orders=1")[1]["most_asked_for_one_order"])


def test_as_shipped_a_provider_that_fails_is_asked_again_at_once_and_for_ever(shop) -> None:
    shop.proxy.add_toxic("checkout-shipping", "reset_peer", attributes={"timeout": 0})
    with ThreadPoolExecutor(1) as pool:
        buying = pool.submit(shop.ask, "checkout", "POST", "/orders", ORDER)
        while most_asked(shop) < 20:
            assert not buying.done()
        shop.proxy.reset()
        assert buying.result()[0] == 201


def test_hardened_it_is_asked_three_times_and_the_order_is_taken_without(shop) -> None:
    harden(["shipping-retries"])
    shop.proxy.add_toxic("checkout-shipping", "reset_peer", attributes={"timeout": 0})
    status, told = shop.ask("checkout", "POST", "/orders", ORDER)
    assert (status, told["status"], told["shipping_cents"]) == (201, "paid", None)
    assert most_asked(shop) == 3
