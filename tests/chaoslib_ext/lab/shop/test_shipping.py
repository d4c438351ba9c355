import pytest


def test_a_parcel_costs_more_the_more_is_in_it(shop) -> None:
    one, two = (shop.ask("shipping", "POST", "/quotes", {"order": "a", "pieces": n})[1] for n in (1, 2))
    assert two["shipping_cents"] > one["shipping_cents"] > 0


@pytest.mark.parametrize("pieces", [0, -1, 1.5, "1", True, None])
def test_a_number_of_pieces_that_is_none_is_refused(shop, pieces: object) -> None:
    assert shop.ask("shipping", "POST", "/quotes", {"order": "a", "pieces": pieces})[0] == 400
