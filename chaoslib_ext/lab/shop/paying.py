"""How checkout pays: one call to the provider at PAYMENT_URL for each order.

As shipped the call has no time limit: whoever pays waits for as long as the provider likes, and keeps one of
checkout's workers waiting too. The improvement `payment-timeout` puts a limit on it.
"""

import os
from uuid import UUID

from urllib3 import PoolManager, Timeout
from urllib3.exceptions import HTTPError

__all__ = ["LIMIT_S", "PaymentFailed", "pay", "pay_within"]

LIMIT_S = 0.3
"""How long a customer is kept waiting for the provider, in seconds, once the limit is in."""

_connections = PoolManager(maxsize=20, retries=False)


class PaymentFailed(Exception):
    """The provider did not take the money, or did not say so in time."""


def pay(order: UUID, cents: int) -> None:
    """Have the order paid, however long it takes. Raises PaymentFailed."""
    _charge(order, cents, Timeout(None))


def pay_within(order: UUID, cents: int, seconds: float = LIMIT_S) -> None:
    """Have the order paid, or raise PaymentFailed after that many seconds; to be asked again later is safe."""
    _charge(order, cents, Timeout(total=seconds))


def _charge(order: UUID, cents: int, limit: Timeout) -> None:
    try:
        answer = _connections.request(
            "POST",
            f"{os.environ['PAYMENT_URL']}/charges",
            json={"amount_cents": cents},
            headers={"Idempotency-Key": str(order)},
            timeout=limit,
        )
    except HTTPError as error:
        raise PaymentFailed(f"the payment provider did not answer: {error}") from error
    if answer.status not in (200, 201):
        raise PaymentFailed(f"the payment provider answered {answer.status}")
