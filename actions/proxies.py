"""Proxies: take one down, as if its service were gone, and let it listen again.

A proxy that is down refuses connections and has closed those it had. It is enabled again when the run ends, however
it ends; a `duration` ends it sooner. `proxy` is a name, a glob (`checkout-*`) or a list of either.
"""

from typing import Any

__all__ = ["down", "up"]


def down(proxy: str | list[str], *, duration: str | float | None = None) -> dict[str, Any]:
    """Take proxies down. Returns `{"run": ..., "faults": [evidence, ...]}`, one piece of evidence a proxy."""
    from chaoslib_ext.faults.inject import inject
    from chaoslib_ext.faults.proxy_down import ProxyDown

    return inject(ProxyDown.of(proxy=proxy, duration=duration)).as_json()


def up(proxy: str | list[str] = "*") -> dict[str, Any]:
    """Let proxies listen again that this run took down; one that others disabled is left as it is.

    Returns `{"run": ..., "undone": [result, ...]}`, empty if none was down.
    """
    from chaoslib_ext.faults.take_back import proxies

    return proxies(proxy)
