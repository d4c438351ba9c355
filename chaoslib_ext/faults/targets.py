"""Which proxies a person means: names, globs, tags and services, all resolved before anything is touched."""

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase

from chaoslib_ext.errors import UnknownTarget, did_you_mean
from chaoslib_ext.links.known import expanded, named
from chaoslib_ext.model import Target
from chaoslib_ext.proxy.client import Client, ProxyState

__all__ = ["among", "is_glob", "matches", "patterns", "resolved", "target_of"]


def is_glob(name: str) -> bool:
    """Has it a wildcard?"""
    return any(char in name for char in "*?[")


def patterns(proxy: str | Iterable[str]) -> tuple[str, ...]:
    """One name or several, as several."""
    return (proxy,) if isinstance(proxy, str) else tuple(proxy)


def matches(proxy: str | Iterable[str], name: str) -> bool:
    """Does any of these names, globs, tags and services mean `name`? Raises UnknownTarget for an unknown tag."""
    return any(_means(one, name) for one in expanded(patterns(proxy)))


def _means(one: str, name: str) -> bool:
    return name == one or (is_glob(one) and fnmatchcase(name, one))


def resolved(client: Client, proxy: str | Iterable[str]) -> list[ProxyState]:
    """The proxies meant, by name, each once. Raises UnknownTarget when a name, glob, tag or service means none."""
    return among(client.proxies(), proxy, server=client.url)


def among(known: Mapping[str, ProxyState], proxy: str | Iterable[str], *, server: str) -> list[ProxyState]:
    """The same, of the proxies that this server is known to have."""
    wanted = patterns(proxy)
    if not wanted:
        raise UnknownTarget(f"no proxy was named{did_you_mean('', known)}")
    found: dict[str, ProxyState] = {}
    for one in named(known, wanted, server=server):
        hits = {name: state for name, state in known.items() if (name == one if one in known else _means(one, name))}
        if not hits:
            what = "no proxy matches" if is_glob(one) else "no proxy is called"
            raise UnknownTarget(f'{what} "{one}" on {server}{did_you_mean(one, known)}. Nothing was injected')
        found.update(hits)
    return [found[name] for name in sorted(found)]


def target_of(client: Client, proxy: ProxyState) -> Target:
    """What a fault is put on."""
    return Target(server=client.url, proxy=proxy.name, listen=proxy.listen, upstream=proxy.upstream)
