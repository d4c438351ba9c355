from uuid import uuid4

import pytest

from chaoslib_ext.lab.shop.paying import PaymentFailed, pay, pay_within


@pytest.fixture(autouse=True)
def through_the_link(shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAYMENT_URL", f"http://{shop.lab.links['checkout-payment']}")


def charges(shop) -> int:
    return int(shop.ask("payment", "GET", "/health")[1]["charges"])


def test_an_order_asked_to_be_paid_again_after_a_timeout_is_charged_once(shop) -> None:
    order, before = uuid4(), charges(shop)
    shop.proxy.add_toxic("checkout-payment", "latency", attributes={"latency": 1000})
    with pytest.raises(PaymentFailed, match="did not answer"):
        pay_within(order, 990, 0.2)
    shop.proxy.reset()
    pay(order, 990)
    assert charges(shop) == before + 1


def test_a_provider_that_refuses_has_not_been_paid(shop) -> None:
    with pytest.raises(PaymentFailed, match="answered 400"):
        pay(uuid4(), 0)
