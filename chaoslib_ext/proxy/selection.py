"""Which proxies a person means: a name, a glob such as `checkout-*`, or a list of either."""

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase

from chaoslib_ext.errors import UnknownTarget, did_you_mean

from .state import ProxyState

__all__ = ["matching"]


def matching(proxies: Mapping[str, ProxyState], wanted: str | Sequence[str], *, server: str) -> list[ProxyState]:
    """The proxies meant, each once, by name. An exact name goes before a glob (a name may contain `[` or `*`).

    Raises UnknownTarget for every pattern that means none, with the near names; `server` is for the message.
    """
    patterns = [wanted] if isinstance(wanted, str) else list(wanted)
    if not patterns:
        raise UnknownTarget(f"no proxy is named{did_you_mean('', proxies)}")
    found: set[str] = set()
    for pattern in patterns:
        these = {pattern} & proxies.keys() or {name for name in proxies if fnmatchcase(name, str(pattern))}
        if not these:
            raise UnknownTarget(_nothing(str(pattern), proxies, server))
        found |= these
    return [proxies[name] for name in sorted(found)]


def _nothing(pattern: str, proxies: Mapping[str, ProxyState], server: str) -> str:
    if any(sign in pattern for sign in "*?["):
        return f'no proxy on {server} matches "{pattern}"{did_you_mean("", proxies)}'
    return f'proxy "{pattern}" not found on {server}{did_you_mean(pattern, proxies)}'
