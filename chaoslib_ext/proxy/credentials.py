"""A user and a password for a server's API, for those who put a gate before it: `TOXIPROXY_URL=http://user:word@host:port`.

Read from the environment whenever they are needed, and from nowhere else: they are never in an address that we keep, so
neither on a disk nor in a record. The watchdog has its runner's environment; `chaos undo` has that of who types it.
"""

import os
from urllib.parse import unquote, urlsplit

from chaoslib_ext.server_name import normal_form

from .address import base_url

__all__ = ["VARIABLE", "for_server", "in_a_command", "named_server", "secret"]

VARIABLE = "TOXIPROXY_URL"
"""The variable that Toxiproxy's own command line reads too."""


def named_server() -> str | None:
    """The base URL that the variable names, without user and password; None when it is not set. Raises BadInput."""
    given = os.environ.get(VARIABLE, "").strip()
    return base_url(_split(given)[0], source=VARIABLE) if given else None


def for_server(base: str) -> tuple[str, str] | None:
    """User and password for the server at `base`, if the variable names that very server and has them."""
    given = os.environ.get(VARIABLE, "").strip()
    if "@" not in given:
        return None
    bare, user, password = _split(given)
    is_it = normal_form(base_url(bare, source=VARIABLE)) == normal_form(base)
    return (user, password) if user and is_it else None


def in_a_command(url: str) -> str:
    """What a command for people needs at `url` besides it: where a login is needed, a place to type it in."""
    base = named_server() if "@" in os.environ.get(VARIABLE, "") else None
    return "-u USER:PASSWORD " if base and f"{normal_form(url)}/".startswith(f"{normal_form(base)}/") else ""


def secret() -> str | None:
    """The password, so that it can be hidden wherever it might come up; None when there is none."""
    return _split(os.environ.get(VARIABLE, "").strip())[2] or None


def _split(given: str) -> tuple[str, str, str]:
    """The address without its user and password, and these two."""
    scheme, mark, rest = given.rpartition("://")
    authority, slash, path = rest.partition("/")
    told, at, place = authority.rpartition("@")
    if not at:
        return given, "", ""
    try:
        parts = urlsplit(f"http://{told}@host")
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
    except ValueError:
        user, password = told, ""
    return f"{scheme}{mark}{place}{slash}{path}", user, password
