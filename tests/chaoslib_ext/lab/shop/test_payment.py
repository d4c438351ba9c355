import pytest


def test_a_charge_asked_for_twice_is_made_once(shop) -> None:
    key = {"headers": {"Idempotency-Key": "order-1"}}
    first = shop.ask("payment", "POST", "/charges", {"amount_cents": 990}, **key)
    second = shop.ask("payment", "POST", "/charges", {"amount_cents": 990}, **key)
    assert (first[0], second[0]) == (201, 200)
    assert first[1] == second[1]
    assert shop.ask("payment", "POST", "/charges", {"amount_cents": 990})[1]["charge"] != first[1]["charge"]


@pytest.mark.parametrize("cents", [0, -1, 9.9, "990", True, None])
def test_an_amount_that_is_none_is_refused(shop, cents: object) -> None:
    assert shop.ask("payment", "POST", "/charges", {"amount_cents": cents})[0] == 400
