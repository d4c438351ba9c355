"""Carts and a copy of the product list in Valkey, at CACHE_URL. A cache that is gone is an ordinary day."""

import json
import os
from typing import Any

from valkey import Valkey
from valkey.exceptions import ValkeyError

__all__ = ["Cache", "CacheGone"]

_LIMIT_S = 0.2


class CacheGone(Exception):
    """The cache does not answer."""


class Cache:
    """Valkey with a time limit on every question; raises CacheGone, nothing else."""

    def __init__(self) -> None:
        self._valkey = Valkey.from_url(
            os.environ["CACHE_URL"], socket_timeout=_LIMIT_S, socket_connect_timeout=_LIMIT_S, decode_responses=True
        )

    def products(self) -> list[dict[str, Any]] | None:
        """The remembered product list, or None when it has to be asked for anew."""
        found = self._ask("get", "products")
        return json.loads(found) if found else None

    def remember(self, products: list[dict[str, Any]], seconds: int = 5) -> None:
        """Keep the product list for a few seconds."""
        self._ask("set", "products", json.dumps(products), ex=seconds)

    def cart(self, customer: str) -> dict[str, int]:
        """What the customer has put in: quantities by sku."""
        return {sku: int(quantity) for sku, quantity in self._ask("hgetall", f"cart:{customer}").items()}

    def put(self, customer: str, sku: str, quantity: int) -> None:
        """Put something into the customer's cart."""
        self._ask("hincrby", f"cart:{customer}", sku, quantity)

    def empty(self, customer: str) -> None:
        """Forget the customer's cart."""
        self._ask("delete", f"cart:{customer}")

    def _ask(self, what: str, *args: Any, **options: Any) -> Any:
        try:
            return getattr(self._valkey, what)(*args, **options)
        except ValkeyError as error:
            raise CacheGone(f"the cache does not answer: {error}") from error
