from uuid import uuid4

import pytest

from chaoslib_ext.lab.features import harden
from chaoslib_ext.lab.shop.paying import PaymentFailed, pay, pay_within
from chaoslib_ext.lab.state import lab_dir


@pytest.fixture(autouse=True)
def through_the_link(shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAYMENT_URL", f"http://{shop.lab.links['checkout-payment']}")
    monkeypatch.setenv("SHOP_FEATURES", str(lab_dir() / "features.json"))


def most_charges(shop) -> int:
    return int(shop.ask("payment", "GET", "/charges/last?orders=1")[1]["most_charges_for_one_order"])


def pay_while_answers_are_lost(shop) -> None:
    shop.proxy.add_toxic("checkout-payment", "reset_peer", attributes={"timeout": 0})
    with pytest.raises(PaymentFailed, match="did not answer"):
        pay(str(uuid4()), "ann", 990)
    shop.proxy.reset()


def test_as_shipped_a_payment_whose_answer_was_lost_is_charged_twice(shop) -> None:
    pay_while_answers_are_lost(shop)
    assert most_charges(shop) == 2


def test_hardened_it_is_charged_once(shop) -> None:
    harden(["payment-idempotency"])
    pay_while_answers_are_lost(shop)
    assert most_charges(shop) == 1


def test_hardened_an_order_asked_to_be_paid_again_after_a_timeout_is_charged_once(shop) -> None:
    harden(["payment-idempotency"])
    order = str(uuid4())
    shop.proxy.add_toxic("checkout-payment", "latency", attributes={"latency": 1000})
    with pytest.raises(PaymentFailed, match="did not answer"):
        pay_within(order, "ann", 990, 0.2)
    shop.proxy.reset()
    pay(order, "ann", 990)
    assert most_charges(shop) == 1


def test_a_provider_that_refuses_has_not_been_paid(shop) -> None:
    with pytest.raises(PaymentFailed, match="answered 400"):
        pay(str(uuid4()), "ann", 0)
