"""Proxies of a Toxiproxy: are they there, do they listen, and which toxics are on them. Reads only.

`proxy` is a name, a glob (`checkout-*`), `tag:database` or `service:payment`; one that means no proxy is an error,
never a quiet zero. The server is found as `chaos proxy` finds it: TOXIPROXY_URL, else the one started last, else
http://127.0.0.1:8474.
"""

from typing import Any

from chaoslib_ext.links.known import named
from chaoslib_ext.proxy.client import Client
from chaoslib_ext.proxy.selection import matching
from chaoslib_ext.proxy.servers import connect
from chaoslib_ext.proxy.state import ProxyState

__all__ = [
    "address",
    "has_toxic",
    "is_enabled",
    "names",
    "proxies_are_enabled",
    "proxies_known",
    "proxy_exists",
    "state",
    "toxic_count",
    "toxics",
    "upstream",
]


def proxies_known() -> int:
    """How many proxies the server has."""
    return len(connect().proxies())


def names() -> list[str]:
    """The names of all proxies, sorted."""
    return sorted(connect().proxies())


def proxy_exists(proxy: str) -> bool:
    """Is there a proxy of exactly that name?"""
    return proxy in connect().proxies()


def state(proxy: str) -> dict[str, Any]:
    """One proxy as the server shows it: name, listen, upstream, enabled, toxics."""
    return connect().proxy(proxy).as_json()


def address(proxy: str) -> str:
    """Where that one proxy listens, as `host:port`: for an experiment's `configuration`, to be asked by others."""
    return connect().proxy(proxy).listen


def upstream(proxy: str) -> str:
    """Where that one proxy leads, as `host:port`: to ask the service past its link."""
    return connect().proxy(proxy).upstream


def is_enabled(proxy: str) -> bool:
    """Does that one proxy take connections?"""
    return connect().proxy(proxy).enabled


def proxies_are_enabled(proxy: str = "*") -> bool:
    """Do all of them take connections?"""
    return all(one.enabled for one in _meant(proxy))


def toxics(proxy: str = "*") -> list[dict[str, Any]]:
    """Every toxic on them, each with the name of its `proxy`."""
    return [{"proxy": one.name, **toxic.as_json()} for one in _meant(proxy) for toxic in one.toxics]


def toxic_count(proxy: str = "*", type: str | None = None) -> int:
    """How many toxics are on them, of every type or of one; 0 also where there is no proxy at all."""
    client = connect()
    proxies = client.proxies()
    meant = _of(client, proxies, proxy) if proxies or proxy != "*" else []
    return sum(type in (None, toxic.type) for one in meant for toxic in one.toxics)


def has_toxic(proxy: str, type: str | None = None, name: str | None = None) -> bool:
    """Is a toxic of that type and name on every one of them? Without both: any toxic."""
    return all(
        any(type in (None, toxic.type) and name in (None, toxic.name) for toxic in one.toxics) for one in _meant(proxy)
    )


def _meant(proxy: str) -> list[ProxyState]:
    client = connect()
    return _of(client, client.proxies(), proxy)


def _of(client: Client, proxies: dict[str, ProxyState], proxy: str | list[str]) -> list[ProxyState]:
    wanted = [proxy] if isinstance(proxy, str) else proxy
    return matching(proxies, named(proxies, wanted, server=client.url), server=client.url)
