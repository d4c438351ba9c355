"""One HTTP request as an author writes it, refused at the door when it makes no sense."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from chaoslib_ext.errors import BadInput

from .trust import Trust

__all__ = ["HttpRequest", "without_password"]

_METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")
_USERINFO = re.compile(r"(\b[a-z][a-z0-9+.-]*://)[^/\s?#]*@", re.IGNORECASE)


@dataclass(frozen=True)
class HttpRequest:
    """What to send; `json` is encoded, `body` is sent as it is, only one of them. Raises BadInput when it can't be.

    `tls` is a mapping of Trust's fields, for https; `http_proxy` the URL of a proxy to ask through.
    """

    url: str
    method: str = "GET"
    json: Any = None
    body: str | None = None
    headers: Mapping[str, str] | None = None
    tls: Mapping[str, Any] | None = None
    http_proxy: str | None = None
    trust: Trust | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        _check_url("url", self.url)
        if self.method not in _METHODS:
            raise BadInput(f"{self.method!r} is not an HTTP method; write one of {', '.join(_METHODS)}")
        if self.json is not None and self.body is not None:
            raise BadInput("give json or body, not both: a request has one body")
        _check_headers(self.headers or {})
        if "@" in urlsplit(self.url).netloc and "authorization" in {name.lower() for name in self.headers or {}}:
            raise BadInput("say who asks in the url or in the header Authorization, not in both")
        if self.http_proxy is not None:
            _check_url("http_proxy", self.http_proxy)
        if self.tls is not None:
            if not self.url.lower().startswith("https:"):
                raise BadInput(f"tls is for https, and the url is {without_password(self.url)!r}")
            object.__setattr__(self, "trust", Trust.of(self.tls))

    def __str__(self) -> str:
        """For messages: no password, and nothing behind a `?`, where tokens stand."""
        shown, question, _ = without_password(self.url).partition("?")
        return f"{self.method} {shown}{question and '?...'}"


def without_password(text: str) -> str:
    """The same text without what stands before the `@` of each URL."""
    return _USERINFO.sub(r"\1", text)


def _shown(url: str) -> str:
    """What was written for a URL; it may be none, and hold a password all the same."""
    return without_password(url) if "://" in url else url.rpartition("@")[2]


def _check_headers(headers: Mapping[str, str]) -> None:
    if not isinstance(headers, Mapping):
        raise BadInput("headers must be a mapping of names to text")
    for name, value in headers.items():  # a value may be a secret: it is not shown
        if not isinstance(value, str) or any(character in f"{name}{value}" for character in "\r\n\0"):
            raise BadInput(f"the header {name!r} must be one line of text")
        if "${" in value:
            raise BadInput(
                f"the header {name!r} still holds a name in ${{}}: the experiment's configuration or secrets gave it "
                "no value"
            )


def _check_url(name: str, url: str) -> None:
    if not isinstance(url, str):
        raise BadInput(f"the {name} must be text such as http://127.0.0.1:8080/, not {url!r}")
    shown = _shown(url)
    if "${" in url:
        raise BadInput(
            f"the {name} {shown!r} still holds a name in ${{}}: the experiment's configuration gave it no value; "
            "if it is the lab's address: chaos lab up"
        )
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is no number, a broken IPv6 address
        usable = False
    if not usable:
        raise BadInput(f"the {name} {shown!r} cannot be asked; write it like http://127.0.0.1:8080/path")
