"""How checkout learns what a parcel costs: from the provider at SHIPPING_URL.

As shipped a question that fails is put again at once, for ever. The improvement `shipping-retries` tries three times
with growing, uneven pauses, and then takes the order without: the parcel is quoted later.
"""

import random
import threading

from . import features
from .calls import Gone, Neighbour

__all__ = ["closing", "shipping_cents"]

_TRIES, _PAUSE_S = 3, 0.05
_shipping = Neighbour("shipping", "SHIPPING_URL", seconds=1)
closing = threading.Event()
"""Set when the service ends, so that what is asked for ever ends too."""


def shipping_cents(order: str, customer: str, pieces: int) -> int | None:
    """What the parcel costs, in cents; None when that will be known later. Raises Gone when the service ends."""
    return (
        _within_reason(order, customer, pieces)
        if features.is_on("shipping-retries")
        else _for_ever(order, customer, pieces)
    )


def _for_ever(order: str, customer: str, pieces: int) -> int:
    while not closing.is_set():
        try:
            return _quote(order, customer, pieces)
        except Gone:
            continue
    raise Gone("checkout is closing")


def _within_reason(order: str, customer: str, pieces: int) -> int | None:
    for attempt in range(_TRIES):
        try:
            return _quote(order, customer, pieces)
        except Gone:
            closing.wait(_PAUSE_S * 2**attempt * random.uniform(0.5, 1.5))
    return None


def _quote(order: str, customer: str, pieces: int) -> int:
    status, told = _shipping.ask("POST", "/quotes", {"order": order, "customer": customer, "pieces": pieces})
    if status != 200:
        raise Gone(f"shipping answered {status}")
    return int(told["shipping_cents"])
