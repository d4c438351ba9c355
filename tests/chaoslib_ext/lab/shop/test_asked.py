import pytest

from chaoslib_ext.lab.shop.asked import Asked


def test_only_the_last_orders_count() -> None:
    asked = Asked()
    for order in ("a", "a", "a", "b", "c", "c"):
        asked.note(order, "ann" if order == "c" else "bela")
    assert asked.last(9, "ann") == [2]
    assert (asked.last(2), asked.last(10)) == ([1, 2], [3, 1, 2])


def test_old_orders_are_forgotten() -> None:
    asked = Asked()
    for order in range(1001):
        asked.note(str(order), "ann")
    assert len(asked.last(2000)) == 1000


@pytest.mark.parametrize("wrong", ["0", "-1", "many", "1001"])
def test_a_number_that_is_none_is_refused(shop, wrong: str) -> None:
    assert shop.ask("payment", "GET", f"/charges/last?orders={wrong}")[0] == 400
