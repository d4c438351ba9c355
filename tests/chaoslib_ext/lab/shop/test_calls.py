import socket

import pytest

from chaoslib_ext.lab.shop.calls import Gone, Neighbour


def test_a_neighbour_that_is_not_there_or_speaks_no_json_is_gone(shop, monkeypatch: pytest.MonkeyPatch) -> None:
    cart = Neighbour("cart", "CART_URL", seconds=0.5)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        for url in ("http://127.0.0.1:1", f"http://127.0.0.1:{silent.getsockname()[1]}"):
            monkeypatch.setenv("CART_URL", url)
            with pytest.raises(Gone, match="cart does not answer"):
                cart.ask("GET", "/")


def test_an_answer_that_is_no_200_is_not_taken_for_one(shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAYMENT_URL", f"http://{shop.lab.links['checkout-payment']}")
    with pytest.raises(Gone, match="payment answered 400"):
        Neighbour("payment", "PAYMENT_URL", seconds=5).told("/charges/last?orders=none")
