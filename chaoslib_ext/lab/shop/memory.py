"""Valkey at CACHE_URL, with a limit on every question. A cache that is gone is an ordinary day."""

import os
from typing import Any

from valkey import Valkey
from valkey.exceptions import ValkeyError

__all__ = ["CacheGone", "Memory"]

_LIMIT_S = 0.2


class CacheGone(Exception):
    """The cache does not answer."""


class Memory:
    """A connection to Valkey; raises CacheGone, nothing else."""

    def __init__(self) -> None:
        self._valkey = Valkey.from_url(
            os.environ["CACHE_URL"], socket_timeout=_LIMIT_S, socket_connect_timeout=_LIMIT_S, decode_responses=True
        )

    def ask(self, what: str, *args: Any, **options: Any) -> Any:
        """One command of Valkey."""
        try:
            return getattr(self._valkey, what)(*args, **options)
        except ValkeyError as error:
            raise CacheGone(f"the cache does not answer: {error}") from error
