"""What a Valkey or a Redis holds and how it is: does it answer, a key, its memory. Reads only.

All take `url` (valkey://, redis://; valkeys:// and rediss:// speak TLS). `password` stands for the one in the url:
write `${name}` and give it in the experiment's `secrets`; no message and no record shows it. `timeout` bounds the
whole probe, connecting included; nothing is tried twice. Needs `pip install 'chaostoolkit-ext[cache]'`.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from chaoslib_ext.blackbox.arguments import seconds, text
from chaoslib_ext.blackbox.cache import Cache, decoded
from chaoslib_ext.clock import SYSTEM
from chaoslib_ext.errors import NoAnswer, ProbeError

__all__ = [
    "answers",
    "info",
    "key_count",
    "key_exists",
    "memory_bytes",
    "memory_fraction",
    "ping_ms",
    "ttl_ms",
    "value",
]

T = TypeVar("T")


def answers(url: str, *, password: str | None = None, timeout: str = "5s") -> bool:
    """Does it answer PING within `timeout`? False when there is no answer; ProbeError when it lets nobody ask."""
    try:
        return bool(_asked(url, password, timeout, lambda client: client.ping()))
    except NoAnswer:
        return False


def ping_ms(url: str, *, password: str | None = None, timeout: str = "5s") -> float:
    """Milliseconds from PING to its answer, on a connection that stands already."""

    def ask(client: Any) -> float:
        client.ping()  # connects
        began = SYSTEM.monotonic()
        client.ping()
        return SYSTEM.monotonic() - began

    return round(_asked(url, password, timeout, ask) * 1000, 3)


def value(
    url: str,
    key: str,
    field: str | None = None,
    *,
    missing: Any = None,
    password: str | None = None,
    timeout: str = "5s",
) -> Any:
    """The text under a key, or in a `field` of a hash; `missing` without it. ProbeError for a key of another type."""
    name = text("key", key, "cart:1")
    if field is None:
        found = _asked(url, password, timeout, lambda client: client.get(name))
    else:
        part = text("field", field, "total")
        found = _asked(url, password, timeout, lambda client: client.hget(name, part))
    return missing if found is None else decoded(found)


def key_exists(url: str, key: str, *, password: str | None = None, timeout: str = "5s") -> bool:
    """Is there a key of exactly that name?"""
    name = text("key", key, "cart:1")
    return bool(_asked(url, password, timeout, lambda client: client.exists(name)))


def ttl_ms(url: str, key: str, *, password: str | None = None, timeout: str = "5s") -> int:
    """Milliseconds until a key expires; as the server says it: -1 when it never does, -2 when there is no such key."""
    name = text("key", key, "cart:1")
    return int(_asked(url, password, timeout, lambda client: client.pttl(name)))


def key_count(url: str, *, password: str | None = None, timeout: str = "5s") -> int:
    """How many keys the database of the url holds."""
    return int(_asked(url, password, timeout, lambda client: client.dbsize()))


def memory_bytes(url: str, *, password: str | None = None, timeout: str = "5s") -> int:
    """Bytes of memory that its data takes (`used_memory`)."""
    return int(info(url, "used_memory", password=password, timeout=timeout))


def memory_fraction(url: str, *, password: str | None = None, timeout: str = "5s") -> float:
    """The share, 0 to 1, of the memory it may use. Raises ProbeError when it has no limit (`maxmemory` is 0)."""
    told = _info(url, password, timeout)
    limit = int(told.get("maxmemory", 0))
    if not limit:
        raise ProbeError(f"{Cache(url)} has no limit of memory (maxmemory is 0); ask memory_bytes")
    return round(int(told["used_memory"]) / limit, 4)


def info(url: str, field: str, *, password: str | None = None, timeout: str = "5s") -> Any:
    """One field of the server's INFO, such as `connected_clients` or `evicted_keys`, as a number where it is one."""
    told = _info(url, password, timeout)
    if field not in told:
        raise ProbeError(f"{Cache(url)} says nothing of {field!r}; `valkey-cli INFO` shows what it says")
    return told[field]


def _info(url: str, password: str | None, timeout: str) -> dict[str, Any]:
    return dict(_asked(url, password, timeout, lambda client: client.info()))


def _asked(url: str, password: str | None, timeout: str, question: Callable[[Any], T]) -> T:
    return Cache(url, password).ask(question, seconds("timeout", timeout))
