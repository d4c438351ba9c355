from concurrent.futures import ThreadPoolExecutor

import pytest

from chaoslib_ext.lab.features import harden


def questions_of_forty(shop) -> int:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: shop.ask("catalog", "GET", "/products")[0], range(40)))
    assert set(answers) == {200}
    return int(shop.ask("catalog", "GET", "/stats?requests=40")[1]["database_questions"])


def test_the_product_list_comes_from_the_cache_the_second_time(shop) -> None:
    first, second = shop.ask("storefront", "GET", "/"), shop.ask("storefront", "GET", "/")
    assert second[1]["from"] == "cache"
    assert first[1]["products"] == second[1]["products"]
    assert questions_of_forty(shop) <= 1


def test_without_the_cache_it_comes_from_the_database_and_one_can_still_buy(shop) -> None:
    shop.proxy.update("catalog-valkey", enabled=False)
    status, told = shop.ask("storefront", "GET", "/")
    assert (status, told["from"]) == (200, "database")
    assert shop.ask("storefront", "POST", "/checkout", {"customer": "eve", "items": {"cup": 1}})[0] == 201


def test_as_shipped_everybody_asks_the_database_when_the_cache_is_gone(shop) -> None:
    shop.proxy.update("catalog-valkey", enabled=False)
    assert questions_of_forty(shop) >= 40


def test_hardened_one_asks_for_all(shop) -> None:
    harden(["thundering-herd"])
    shop.proxy.update("catalog-valkey", enabled=False)
    assert questions_of_forty(shop) < 20


@pytest.mark.parametrize("wrong", ["0", "-1", "many", "501"])
def test_a_number_of_requests_that_is_none_is_refused(shop, wrong: str) -> None:
    assert shop.ask("catalog", "GET", f"/stats?requests={wrong}")[0] == 400
