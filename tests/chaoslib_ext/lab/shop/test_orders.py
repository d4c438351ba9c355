from uuid import uuid4


def test_an_order_is_kept_with_its_total(shop) -> None:
    status, told = shop.ask("checkout", "POST", "/orders", {"customer": "ann", "items": {"cup": 2, "honey": 1}})
    assert (status, told["total_cents"]) == (201, 2 * 990 + 890)
    kept = shop.ask("checkout", "GET", f"/orders/{told['order']}")
    assert kept == (200, {"id": told["order"], "customer": "ann", "total_cents": 2870, "status": "paid"})


def test_a_product_there_is_not_is_named_and_nothing_is_kept(shop) -> None:
    status, told = shop.ask("checkout", "POST", "/orders", {"customer": "ann", "items": {"cup": 1, "moon": 1}})
    assert (status, told) == (400, {"error": "no such product: moon"})


def test_an_order_there_is_not_is_a_404(shop) -> None:
    assert shop.ask("checkout", "GET", f"/orders/{uuid4()}")[0] == 404
