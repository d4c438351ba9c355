"""What an author may write as an argument, refused at the door when it makes no sense, before anything is asked."""

import math
from collections.abc import Mapping
from urllib.parse import urlsplit

from chaoslib_ext.errors import BadInput, did_you_mean
from chaoslib_ext.model import parse_duration

__all__ = ["address", "known_keys", "milliseconds", "seconds", "secret", "secret_url", "text", "whole"]


def text(name: str, value: object, such_as: str) -> str:
    """Text that says something and holds no `${name}` any more, or BadInput."""
    if not isinstance(value, str) or not value.strip() or "\0" in value:
        raise BadInput(f"{name} must be text such as {such_as}, not {value!r}")
    if "${" in value:
        raise BadInput(
            f"{name} still holds a name in ${{}}: {value!r}; the experiment's configuration or secrets gave it no "
            "value (such a name is made of letters, digits and _)"
        )
    return value


def secret(name: str, value: object) -> str | None:
    """A secret, or None without one; BadInput when it was not filled in. No refusal shows it."""
    if value is None:
        return None
    if not isinstance(value, str) or not value:
        raise BadInput(f"{name} must be text; write ${{name}} and give it in the experiment's secrets")
    if value.startswith("${") and value.endswith("}"):
        raise BadInput(f"{name} is still {value}: the experiment's secrets gave it no value")
    return value


def secret_url(name: str, value: object, such_as: str) -> str:
    """A URL that may hold a password: BadInput does not show it."""
    if not isinstance(value, str) or not value.strip():
        raise BadInput(f"{name} must be text such as {such_as}")
    if "${" in value:
        raise BadInput(
            f"{name} still holds a name in ${{}}: the experiment's configuration or secrets gave it no value; "
            f"write it like {such_as}"
        )
    return value.strip()


def whole(name: str, value: object, least: int, most: int) -> int:
    """A whole number within its limits, or BadInput."""
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise BadInput(f"{name} must be a whole number from {least} to {most}, not {value!r}")
    return value


def milliseconds(name: str, value: object) -> float:
    """A number of milliseconds above 0, or BadInput."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < math.inf:
        raise BadInput(f"{name} must be a number of milliseconds above 0, not {value!r}")
    return value


def seconds(name: str, value: str | float) -> float:
    """Seconds from `5s`, `500ms` or a number, or BadInput."""
    try:
        return parse_duration(value)
    except ValueError as error:
        raise BadInput(f"{name}: {error}") from error


def address(name: str, value: object) -> tuple[str, int]:
    """Host and port from `host:port` or `[::1]:port`, or BadInput."""
    written = text(name, value, "127.0.0.1:5432")
    try:
        parts = urlsplit(f"//{written.strip()}")
        host, port = parts.hostname, parts.port
    except ValueError:  # a port that is no number, a broken IPv6 address
        host, port = None, None
    if not host or not port or any(sign in written for sign in "/@?#") or any(sign.isspace() for sign in host):
        raise BadInput(f"{name} must be host:port, such as 127.0.0.1:5432, not {value!r}")
    return host, port


def known_keys(name: str, value: object, known: tuple[str, ...]) -> dict[str, object]:
    """A mapping of nothing but these keys, or BadInput with the near ones."""
    if not isinstance(value, Mapping):
        raise BadInput(f"{name} must be a mapping of {', '.join(known)}, not {value!r}")
    for key in value:
        if key not in known:
            raise BadInput(f"{name} has no {key!r}{did_you_mean(str(key), known)}")
    return dict(value)
