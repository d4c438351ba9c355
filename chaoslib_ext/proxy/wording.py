"""A server's curt error told again with names: which proxy, which toxic, which server, and what to do now."""

from collections.abc import Callable, Sequence
from shlex import quote

from chaoslib_ext.errors import (
    BadAttribute,
    ExtError,
    ProxyError,
    ProxyExists,
    ProxyFailed,
    ProxyNotFound,
    ProxyRefused,
    ToxicExists,
    ToxicNotFound,
    did_you_mean,
)

from .answers import NoSuchRoute
from .arguments import known_types

__all__ = ["Subject", "retold"]


class Subject:
    """What a request was about. `proxies` and `toxics` list the names there are, asked only when they are needed."""

    def __init__(
        self,
        url: str,
        proxy: str,
        toxic: str = "",
        type: str = "",
        *,
        proxies: Callable[[], Sequence[str]],
        toxics: Callable[[], Sequence[str]],
    ) -> None:
        self.url, self.proxy, self.toxic, self.type = url, proxy, toxic, type
        self._proxies, self._toxics = proxies, toxics

    def proxy_not_found(self) -> str:
        """The near names; and how to create it, for who wanted to put something on it."""
        create = f"; create it with `chaos proxy create {quote(self.proxy)} -u HOST:PORT`" if self.type else ""
        near = did_you_mean(self.proxy, _hint(self._proxies))
        return f'proxy "{self.proxy}" not found on {self.url}{near}{create}'

    def toxic_not_found(self) -> str:
        """The near names."""
        near = did_you_mean(self.toxic, _hint(self._toxics))
        return f'toxic "{self.toxic}" not found on proxy "{self.proxy}" of {self.url}{near}'

    def proxy_exists(self) -> str:
        """How to make room."""
        return (
            f'proxy "{self.proxy}" exists already on {self.url}; '
            f"choose another name, or delete it first with `chaos proxy delete {quote(self.proxy)}`"
        )

    def toxic_exists(self) -> str:
        """How to change it instead."""
        return (
            f'toxic "{self.toxic}" exists already on proxy "{self.proxy}" of {self.url}; give the new one another '
            f"name, or change this one with `chaos proxy toxic update {quote(self.proxy)} -n {quote(self.toxic)}`"
        )

    def slash(self) -> str:
        """The original server can be given such a name, but not asked for it."""
        name = self.toxic if "/" in self.toxic else self.proxy
        return f'{self.url} cannot address "{name}": a slash in a name; only stopping the server takes it away'

    def unknown_type(self) -> str:
        """The types we know; the server may know others, but not this one."""
        return f'toxic type "{self.type}" is unknown to {self.url}{did_you_mean(self.type, known_types())}'


_SENTENCES: dict[type[ProxyError], Callable[[Subject], str]] = {
    ProxyNotFound: Subject.proxy_not_found,
    ToxicNotFound: Subject.toxic_not_found,
    ProxyExists: Subject.proxy_exists,
    ToxicExists: Subject.toxic_exists,
}


def retold(error: ProxyError, about: Subject) -> ExtError:
    """The same error with a message that names its subject; a type the server does not know becomes BadAttribute."""
    kind = type(error)
    if kind in _SENTENCES:
        return kind(_SENTENCES[kind](about))
    if kind is ProxyRefused and "invalid toxic type" in str(error):
        return BadAttribute(about.unknown_type())
    if isinstance(error, NoSuchRoute) and "/" in about.proxy + about.toxic:
        return ProxyRefused(about.slash())
    if isinstance(error, ProxyRefused | ProxyFailed) and not isinstance(error, NoSuchRoute):
        return kind(f'proxy "{about.proxy}": {error}')
    return error


def _hint(names: Callable[[], Sequence[str]]) -> Sequence[str]:
    try:
        return names()
    except ProxyError:
        return ()  # only a hint inside an error that is being raised anyway
