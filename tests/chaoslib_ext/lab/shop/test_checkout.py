import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from chaoslib_ext.lab.features import harden

ORDER = {"customer": "ann", "items": {"cup": 1}}


def buy(shop) -> tuple[float, int, Any]:
    began = time.monotonic()
    status, told = shop.ask("checkout", "POST", "/orders", ORDER)
    return time.monotonic() - began, status, told


@pytest.mark.parametrize(
    "body",
    [
        {"customer": "", "items": {"cup": 1}},
        {"customer": "ann", "items": {}},
        {"customer": "ann", "items": {"cup": 0}},
        {"customer": "ann", "items": {"cup": 1000}},
        {"customer": "ann", "items": {"cup": "1"}},
        {"customer": "ann", "items": ["cup"]},
    ],
)
def test_an_order_that_makes_no_sense_is_refused(shop, body: object) -> None:
    assert shop.ask("checkout", "POST", "/orders", body)[0] == 400


@pytest.mark.parametrize(("customer", "status"), [("mallory", 403), ("igor", 402), ("ann", 201), ("a guest", 201)])
def test_who_may_not_buy_is_told_why_before_anything_is_written(shop, customer: str, status: int) -> None:
    assert shop.ask("checkout", "POST", "/orders", {**ORDER, "customer": customer})[0] == status


def test_a_submit_that_comes_twice_is_one_order(shop) -> None:
    twice = [shop.ask("storefront", "POST", "/checkout", ORDER, headers={"Idempotency-Key": "once"}) for _ in "12"]
    assert {status for status, _ in twice} == {201}
    assert len({told["order"] for _, told in twice}) == 1


def test_as_shipped_it_waits_for_payment_as_long_as_that_takes(shop) -> None:
    shop.proxy.add_toxic("checkout-payment", "latency", attributes={"latency": 1500})
    took, status, told = buy(shop)
    assert took >= 1.5
    assert (status, told["status"]) == (201, "paid")


def test_as_shipped_waiting_for_payment_takes_every_worker_and_then_nobody_is_served(shop) -> None:
    """The weakness is not only the slow order: nothing else of checkout answers either."""
    shop.proxy.add_toxic("checkout-payment", "timeout", name="black-hole", attributes={"timeout": 0})
    with ThreadPoolExecutor(20) as pool:
        waiting = [pool.submit(buy, shop) for _ in range(20)]
        deadline = time.monotonic() + 30
        while (health := shop.ask("checkout", "GET", "/health")[1])["busy"] < health["workers"]:
            assert time.monotonic() < deadline
        with pytest.raises(Exception, match="timed out"):
            shop.ask("checkout", "GET", "/ready", timeout=0.5)
        # one step: a link that is well for a moment, between two, pays an order that waits behind the busy workers
        shop.proxy.update("checkout-payment", enabled=False)
        assert {job.result()[1] for job in waiting} == {502}


def test_hardened_it_takes_the_order_and_asks_for_the_money_later(shop) -> None:
    harden(["payment-timeout"])
    shop.proxy.add_toxic("checkout-payment", "latency", attributes={"latency": 15_000})
    took, status, told = buy(shop)
    assert took < 10
    assert (status, told["status"]) == (201, "payment pending")
    shop.proxy.reset()
    deadline = time.monotonic() + 30
    while shop.ask("checkout", "GET", f"/orders/{told['order']}")[1]["status"] != "paid":
        assert time.monotonic() < deadline, "the money was never asked for again"
        time.sleep(0.05)


def test_hardened_it_also_lives_without_any_payment_provider(shop) -> None:
    harden(["payment-timeout"])
    shop.proxy.update("checkout-payment", enabled=False)
    _, status, told = buy(shop)
    assert (status, told["status"]) == (201, "payment pending")
