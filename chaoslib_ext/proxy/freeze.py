"""A freeze that lies on a Toxiproxy server itself, so that it holds for every host that uses that server.

It is a proxy named `cx-freeze` that is disabled and leads nowhere; its `upstream`, which no server checks, holds the
words. Making it is atomic (a second one is a 409), a server's `/reset` does not take it away, and whoever lists the
proxies sees it. It lives as long as the server: a server that starts anew starts thawed.
"""

import shlex
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import quote, unquote

from pydantic import BaseModel, ConfigDict, ValidationError

from chaoslib_ext.clock import SYSTEM, Clock
from chaoslib_ext.errors import ProxyExists, ProxyNotFound

from .client import Client
from .state import ProxyState

__all__ = ["NAME", "Words", "lift", "put", "refusal", "since"]

NAME = "cx-freeze"
_HEAD = "freeze:"


class Words(BaseModel):
    """Who froze it, since when, until when (None: until somebody thaws) and why."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    since: datetime
    by: str
    why: str
    until: datetime | None = None

    def holds(self, clock: Clock) -> bool:
        """Is its end not reached yet?"""
        return self.until is None or clock.wall() < self.until


_UNREADABLE = Words(since=datetime.fromtimestamp(0, UTC), by="somebody", why="(its words cannot be read)")


def put(client: Client, words: Words, clock: Clock = SYSTEM) -> tuple[Words, Words | None]:
    """Freeze that server; gives the words that hold now, and those of an earlier freeze. Raises ProxyError.

    An earlier freeze is never shortened by a later one, and the server never without one in between.
    """
    found = client.proxies().get(NAME)
    if found is None:
        try:
            client.create(NAME, _upstream(words), "127.0.0.1:0", enabled=False)
        except ProxyExists:  # somebody froze it this moment, which is as good
            pass
        return words, None
    earlier = _words(found) or _UNREADABLE
    if earlier.holds(clock):
        until = max(words.until, earlier.until) if words.until and earlier.until else None
        words = words.model_copy(update={"until": until})
    try:
        client.update(NAME, upstream=_upstream(words))
    except ProxyNotFound:  # somebody thawed it this moment
        client.create(NAME, _upstream(words), "127.0.0.1:0", enabled=False)
    return words, earlier


def lift(client: Client) -> Words | None:
    """Thaw that server; gives the words of the freeze that was there, None when there was none. Raises ProxyError."""
    found = client.proxies().get(NAME)
    if found is None:
        return None
    try:
        client.delete(NAME)
    except ProxyNotFound:
        pass
    return _words(found) or _UNREADABLE


def refusal(proxies: Mapping[str, ProxyState], server: str, clock: Clock = SYSTEM) -> str | None:
    """Why no fault may go into that server now; None when it may. Words that cannot be read are a freeze."""
    found = proxies.get(NAME)
    if found is None:
        return None
    words = _words(found)
    thaw = f"to allow faults again: chaos thaw --scope {shlex.quote(server)}"
    if words is None:
        return f"the server {server} is frozen, in words that cannot be read; {thaw}"
    if not words.holds(clock):
        return None
    until = f", until {words.until.isoformat(timespec='seconds')}" if words.until else ""
    since = words.since.isoformat(timespec="seconds")
    return f"the server {server} is frozen since {since} by {words.by}{until}: {words.why}; {thaw}"


def since(proxies: Mapping[str, ProxyState]) -> datetime | None:
    """Since when that server is frozen; None when it is not, or in words that cannot be read."""
    words = _words(proxies[NAME]) if NAME in proxies else None
    return words.since if words else None


def _upstream(words: Words) -> str:
    return _HEAD + quote(words.model_dump_json(), safe="")


def _words(proxy: ProxyState) -> Words | None:
    if not proxy.upstream.startswith(_HEAD):
        return None
    try:
        found = Words.model_validate_json(unquote(proxy.upstream.removeprefix(_HEAD)))
    except ValidationError:
        return None
    aware = found.since.tzinfo is not None and (found.until is None or found.until.tzinfo is not None)
    return found if aware else None
