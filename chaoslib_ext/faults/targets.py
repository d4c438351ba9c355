"""Which proxies a person means: names and globs, all resolved before anything is touched."""

from collections.abc import Iterable
from fnmatch import fnmatchcase

from chaoslib_ext.errors import UnknownTarget, did_you_mean
from chaoslib_ext.model import Target
from chaoslib_ext.proxy.client import Client, ProxyState

__all__ = ["is_glob", "matches", "patterns", "resolved", "target_of"]


def is_glob(name: str) -> bool:
    """Has it a wildcard?"""
    return any(char in name for char in "*?[")


def patterns(proxy: str | Iterable[str]) -> tuple[str, ...]:
    """One name or several, as several."""
    return (proxy,) if isinstance(proxy, str) else tuple(proxy)


def matches(proxy: str | Iterable[str], name: str) -> bool:
    """Does any of these names and globs mean `name`?"""
    return any(name == one or (is_glob(one) and fnmatchcase(name, one)) for one in patterns(proxy))


def resolved(client: Client, proxy: str | Iterable[str]) -> list[ProxyState]:
    """The proxies meant, by name, each once. Raises UnknownTarget when one of the names or globs means none."""
    known = client.proxies()
    wanted = patterns(proxy)
    if not wanted:
        raise UnknownTarget(f"no proxy was named{did_you_mean('', known)}")
    found: dict[str, ProxyState] = {}
    for one in wanted:
        hits = {name: state for name, state in known.items() if matches(one, name)}
        if not hits:
            what = "no proxy matches" if is_glob(one) else "no proxy is called"
            raise UnknownTarget(f'{what} "{one}" on {client.url}{did_you_mean(one, known)}. Nothing was injected')
        found.update(hits)
    return [found[name] for name in sorted(found)]


def target_of(client: Client, proxy: ProxyState) -> Target:
    """What a fault is put on."""
    return Target(server=client.url, proxy=proxy.name, listen=proxy.listen, upstream=proxy.upstream)
