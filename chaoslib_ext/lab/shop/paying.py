"""How checkout pays: the provider at PAYMENT_URL is asked once for each order, and once more if its answer was lost.

As shipped the call has no time limit: whoever pays waits for as long as the provider likes, and keeps one of
checkout's workers waiting too; `payment-timeout` puts a limit on it. And as shipped the second call cannot be told from
a second order, so that the customer pays twice; `payment-idempotency` sends the order's id as its Idempotency-Key.
"""

import os

from urllib3 import PoolManager, Timeout
from urllib3.exceptions import HTTPError, ProtocolError
from urllib3.response import BaseHTTPResponse

from . import features

__all__ = ["LIMIT_S", "PaymentFailed", "pay", "pay_within"]

LIMIT_S = 0.3
"""How long a customer is kept waiting for the provider, in seconds, once the limit is in."""

_connections = PoolManager(maxsize=20, retries=False)


class PaymentFailed(Exception):
    """The provider did not take the money, or did not say so in time."""


def pay(order: str, customer: str, cents: int) -> None:
    """Have the order paid, however long it takes. Raises PaymentFailed."""
    _charge(order, customer, cents, Timeout(None))


def pay_within(order: str, customer: str, cents: int, seconds: float = LIMIT_S) -> None:
    """Have the order paid, or raise PaymentFailed after that many seconds."""
    _charge(order, customer, cents, Timeout(total=seconds))


def _charge(order: str, customer: str, cents: int, limit: Timeout) -> None:
    try:
        answer = _asked_again_if_lost(order, customer, cents, limit)
    except HTTPError as error:
        raise PaymentFailed(f"the payment provider did not answer: {error}") from error
    if answer.status not in (200, 201):
        raise PaymentFailed(f"the payment provider answered {answer.status}")


def _asked_again_if_lost(order: str, customer: str, cents: int, limit: Timeout) -> BaseHTTPResponse:
    try:
        return _ask(order, customer, cents, limit)
    except ProtocolError:
        return _ask(order, customer, cents, limit)  # the connection broke: who knows whether the money was taken


def _ask(order: str, customer: str, cents: int, limit: Timeout) -> BaseHTTPResponse:
    key = {"Idempotency-Key": order} if features.is_on("payment-idempotency") else {}
    sent = {"order": order, "customer": customer, "amount_cents": cents}
    url = f"{os.environ['PAYMENT_URL']}/charges"
    return _connections.request("POST", url, json=sent, headers=key, timeout=limit)
