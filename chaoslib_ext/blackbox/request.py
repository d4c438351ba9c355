"""One HTTP request as an author writes it, refused at the door when it makes no sense."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from chaoslib_ext.errors import BadInput
from chaoslib_ext.model import parse_duration

__all__ = ["HttpRequest", "seconds", "whole"]

_METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")


@dataclass(frozen=True)
class HttpRequest:
    """What to send; `json` is encoded, `body` is sent as it is, only one of them. Raises BadInput when it can't be."""

    url: str
    method: str = "GET"
    json: Any = None
    body: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _check_url(self.url)
        if self.method not in _METHODS:
            raise BadInput(f"{self.method!r} is not an HTTP method; write one of {', '.join(_METHODS)}")
        if self.json is not None and self.body is not None:
            raise BadInput("give json or body, not both: a request has one body")
        for name, value in self.headers.items():
            if not isinstance(value, str) or any(character in f"{name}{value}" for character in "\r\n\0"):
                raise BadInput(f"the header {name!r} must be one line of text, not {value!r}")


def _check_url(url: str) -> None:
    if not isinstance(url, str):
        raise BadInput(f"the url must be text such as http://127.0.0.1:8080/, not {url!r}")
    if "${" in url:
        raise BadInput(
            f"the url {url!r} still holds a name in ${{}}: the experiment's configuration gave it no value; "
            "if it is the lab's address: chaos lab up"
        )
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is no number, a broken IPv6 address
        usable = False
    if not usable:
        raise BadInput(f"the url {url!r} cannot be asked; write it like http://127.0.0.1:8080/path")


def whole(name: str, value: object, least: int, most: int) -> int:
    """A whole number within its limits, or BadInput."""
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise BadInput(f"{name} must be a whole number from {least} to {most}, not {value!r}")
    return value


def seconds(name: str, value: str | float) -> float:
    """Seconds from `5s`, `500ms` or a number, or BadInput."""
    try:
        return parse_duration(value)
    except ValueError as error:
        raise BadInput(f"{name}: {error}") from error
