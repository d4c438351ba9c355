"""What an answer of the API means: one table from status and text to our errors.

Source: Toxiproxy's api.go. Errors are JSON (`{"error": "...", "status": 404}`) whatever their content type says;
anything else is a route the server does not have, or not a Toxiproxy.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from chaoslib_ext.errors import (
    ProxyError,
    ProxyExists,
    ProxyFailed,
    ProxyNotFound,
    ProxyRefused,
    ToxicExists,
    ToxicNotFound,
)

from .credentials import VARIABLE

T = TypeVar("T")

__all__ = ["Answer", "NoSuchRoute", "checked", "understood"]

_BY_TEXT: dict[tuple[int, str], type[ProxyError]] = {
    (404, "proxy not found"): ProxyNotFound,
    (404, "toxic not found"): ToxicNotFound,
    (409, "proxy already exists"): ProxyExists,
    (409, "toxic already exists"): ToxicExists,
}


_ADVICE = {
    "address already in use": "choose another listen address, or port 0 for a free one",
    "cannot assign requested address": "listen on an address of the server's own machine",
    "permission denied": "listen on a port from 1024 on",
    "missing port in address": "write it as host:port",
    "too many colons in address": "write IPv6 as [::1]:port",
    "no such host": "listen on an address, or a name that the server's machine knows",
    "User agent not allowed": "the server takes no browsers",
}
_TURNED_AWAY = re.compile("(User agent|(Host|Origin|Sec-Fetch-Site) .*) not allowed")
"""A 403 that no login would change."""
_NEEDS_A_LOGIN = (401, 403, 407)


@dataclass(frozen=True)
class Answer:
    """What the server said to one request, read to its end."""

    method: str
    path: str
    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def text(self) -> str:
        """Its body; a server of the API writes UTF-8."""
        return self.content.decode(errors="replace")

    def json(self) -> Any:
        """Its body. Raises ValueError when that is no JSON."""
        return json.loads(self.content)


class NoSuchRoute(ProxyFailed):
    """A bare 404 or 405: the path or the method is not served (metrics off, an old server, another program)."""


def checked(answer: Answer, base: str) -> Answer:
    """Hand the answer on if it is a success; else raise the error it stands for, with the server's own words."""
    if answer.status < 300:
        return answer
    if answer.status in _NEEDS_A_LOGIN and not _TURNED_AWAY.search(answer.text):
        raise ProxyFailed(
            f"{base} wants a user and a password, or others than it was given (status {answer.status}); they are "
            f"kept nowhere, so set them where this was typed: {VARIABLE}={base.replace('://', '://USER:PASSWORD@')}"
        )
    said = _error_text(answer)
    kind = _BY_TEXT.get((answer.status, said or ""))
    if kind is None:
        kind = _by_status(answer.status, said is not None)
    raise kind(f"{base} says: {said}{_advice(said)}" if said else _strange(answer, base))


def understood(answer: Answer, base: str, read: Callable[[Answer], T]) -> T:
    """`read(answer)`; ProxyFailed if that is not possible because the answer is not of Toxiproxy's form."""
    try:
        return read(answer)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ProxyFailed(_strange(answer, base)) from error


def _advice(said: str) -> str:
    return next((f"; {what}" for text, what in _ADVICE.items() if text in said), "")


def _by_status(status: int, is_json: bool) -> type[ProxyError]:
    if status in (404, 405) and not is_json:
        return NoSuchRoute
    return ProxyRefused if status == 400 and is_json else ProxyFailed


def _error_text(answer: Answer) -> str | None:
    try:
        told = answer.json()
        said = str(told["error"])
        stayed = ", ".join(proxy["name"] for proxy in told.get("proxies") or [])
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    return f"{said} (in place all the same: {stayed})" if stayed else said


def _strange(answer: Answer, base: str) -> str:
    request = f"{answer.method} {answer.path}"
    shown = " ".join(answer.text.split())[:80]
    if answer.status >= 500:
        return f"{base} failed at {request} with {answer.status} {shown!r}; look at the server's log"
    return (
        f"{base} answers {request} with {answer.status} {shown!r}, which is not Toxiproxy's; "
        "is another program listening there?"
    )
