from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest

from chaoslib_ext.lab.features import harden

ORDER = {"customer": "ann", "items": {"cup": 1}}


def break_ten_questions(shop) -> None:
    """What is sent to the database never comes back whole: each connection ends in the middle of its answer."""
    shop.proxy.add_toxic("orders-postgres", "reset_peer", attributes={"timeout": 0})
    with ThreadPoolExecutor(15) as pool:
        answers = list(pool.map(lambda _: shop.ask("orders", "POST", "/orders", ORDER)[0], range(30)))
    assert set(answers) == {503}
    shop.proxy.reset()


def test_an_order_is_kept_with_its_total(shop) -> None:
    status, told = shop.ask("checkout", "POST", "/orders", {"customer": "ann", "items": {"cup": 2, "honey": 1}})
    assert (status, told["total_cents"]) == (201, 2 * 990 + 890)
    kept = shop.ask("storefront", "GET", f"/orders/{told['order']}")
    assert kept == (200, {"order": told["order"], "customer": "ann", "total_cents": 2870, "status": "paid"})


def test_a_product_there_is_not_is_named_and_nothing_is_kept(shop) -> None:
    status, told = shop.ask("checkout", "POST", "/orders", {"customer": "ann", "items": {"cup": 1, "moon": 1}})
    assert (status, told) == (400, {"error": "no such product: moon"})


def test_what_is_sold_out_is_a_409(shop) -> None:
    status, told = shop.ask("checkout", "POST", "/orders", {"customer": "ann", "items": {"first-flush": 1}})
    assert (status, told) == (409, {"error": "sold out: first-flush"})


def test_an_order_there_is_not_is_a_404(shop) -> None:
    assert shop.ask("checkout", "GET", f"/orders/{uuid4()}")[0] == 404


@pytest.mark.parametrize("status", ["lost", None, 5])
def test_a_status_there_is_not_is_refused(shop, status: object) -> None:
    assert shop.ask("orders", "PUT", f"/orders/{uuid4()}/status", {"status": status})[0] == 400


def test_as_shipped_a_database_that_broke_its_answers_leaves_the_pool_dry_for_good(shop) -> None:
    break_ten_questions(shop)
    for _ in range(3):
        status, told = shop.ask("orders", "POST", "/orders", ORDER)
        assert (status, "no connection left" in told["error"]) == (503, True)
    shop.ask("orders", "POST", "/pool/renew")
    assert shop.ask("orders", "POST", "/orders", ORDER)[0] == 201


def test_hardened_it_takes_orders_again_as_soon_as_the_database_is_well(shop) -> None:
    harden(["orders-pool"])
    break_ten_questions(shop)
    answers = [shop.ask("orders", "POST", "/orders", ORDER)[0] for _ in range(12)]
    assert answers[-1] == 201
    assert answers.count(201) >= 6, "only connections that were broken before may fail"


def test_it_says_whether_an_order_could_be_kept(shop) -> None:
    assert shop.ask("orders", "GET", "/ready") == (200, {"ready": True})
    shop.proxy.add_toxic("orders-postgres", "timeout", attributes={"timeout": 0})
    assert shop.ask("orders", "GET", "/ready")[0] == 503
