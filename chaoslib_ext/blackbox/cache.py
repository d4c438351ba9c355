"""Asks a Valkey or a Redis: one connection, one question, closed again. Reads only, though a read may count as a use.

Nothing is tried twice: what is measured is the first answer.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import urlsplit

from chaoslib_ext.clock import SYSTEM, Clock
from chaoslib_ext.errors import BadInput, NoAnswer, ProbeError

from .arguments import secret, secret_url
from .bounded import bounded
from .extras import need

__all__ = ["Cache", "decoded"]

T = TypeVar("T")

_SCHEMES = ("valkey", "valkeys", "redis", "rediss")


@dataclass(frozen=True)
class Cache:
    """Where it is: valkey://, valkeys://, redis:// or rediss://; `password` stands for the one in the URL."""

    url: str = field(repr=False)
    password: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        written = secret_url("url", self.url, "valkey://127.0.0.1:6379/0")
        secret("password", self.password)
        try:
            parts = urlsplit(written)
            usable = parts.scheme in _SCHEMES and bool(parts.hostname) and parts.port != 0
            usable = usable and (parts.path.strip("/") or "0").isdigit()
        except ValueError:
            usable = False
        if not usable:
            raise BadInput(
                f"the url is none of a cache; write it like valkey://127.0.0.1:6379/0 ({', '.join(_SCHEMES)}); a "
                "password with odd signs goes into `password`"
            )

    def __str__(self) -> str:
        parts = urlsplit(self.url.strip())
        return f"{parts.scheme}://{parts.hostname}:{parts.port or 6379}{parts.path}"

    def ask(self, question: Callable[[Any], T], timeout: float, clock: Clock = SYSTEM) -> T:
        """What `question` gets of a client that is connected. Raises NoAnswer, and ProbeError when it refuses."""
        need("valkey", "cache", "asking a cache")
        client = self._client(timeout)
        pool = client.connection_pool

        def asked() -> T:
            try:
                return question(client)
            finally:
                pool.disconnect()

        late = f"{self}: not answered in {timeout:g} s; is it up, and is `timeout` long enough?"
        return bounded(lambda: self._told(asked), timeout, late, give_up=pool.disconnect, clock=clock)

    def _client(self, timeout: float) -> Any:
        from valkey import Valkey

        password = {"password": self.password} if self.password else {}
        limits = {"socket_timeout": timeout, "socket_connect_timeout": timeout}
        try:
            client = Valkey.from_url(self.url.strip(), **limits, lib_name=None, lib_version=None)
        except ValueError as error:
            raise BadInput(f"{self}: an option behind the ? of the url cannot be used ({error})") from None
        client.connection_pool.connection_kwargs.update(password)
        return client

    def _told(self, asked: Callable[[], T]) -> T:
        from valkey.exceptions import (
            AuthenticationError,
            AuthorizationError,
            ConnectionError,
            TimeoutError,
            ValkeyError,
        )

        try:
            return asked()
        except (AuthenticationError, AuthorizationError) as error:
            raise ProbeError(f"{self}: {error}; give the user in the url and the password as `password`") from None
        except (ConnectionError, TimeoutError, OSError) as error:
            raise NoAnswer(f"{self}: {error}; is it up, and is this its address?") from None
        except ValkeyError as error:
            raise ProbeError(f"{self}: {error}") from None
        except TypeError as error:  # an option in the URL that no connection has
            raise BadInput(f"{self}: an option behind the ? of the url is not known ({error})") from None


def decoded(value: Any) -> str:
    """Bytes as text."""
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)
