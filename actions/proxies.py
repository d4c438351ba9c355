"""Proxies: take one down, as if its service were gone, and let it listen again.

A proxy that is down refuses connections and has closed those it had. It is enabled again when the run ends, however
it ends; a `duration` ends it sooner. `proxy` is a name, a glob (`checkout-*`) or a list of either.
"""

from typing import Any

__all__ = ["down", "flap", "up"]


def down(proxy: str | list[str], *, duration: str | float | None = None) -> dict[str, Any]:
    """Take proxies down. Returns `{"run": ..., "faults": [evidence, ...]}`, one piece of evidence a proxy."""
    from chaoslib_ext.faults.inject import inject
    from chaoslib_ext.faults.proxy_down import ProxyDown

    return inject(ProxyDown.of(proxy=proxy, duration=duration)).as_json()


def flap(
    proxy: str | list[str], down_for: str | float = "1s", up_for: str | float = "1s", *, times: int = 3
) -> dict[str, Any]:
    """Take proxies down for `down_for` and let them listen for `up_for`, `times` times; ends when they listen again.

    With `background: true` in the activity, what comes after it in the method goes on meanwhile. Returns
    `{"run": ..., "faults": [evidence, ...], "undone": [result, ...]}`, one of each a cut and proxy.
    """
    from chaoslib_ext.faults.flapping import flap as cut_again_and_again

    told: dict[str, Any] = cut_again_and_again(proxy, down_for, up_for, times)
    return told


def up(proxy: str | list[str] = "*") -> dict[str, Any]:
    """Let proxies listen again that this run took down; one that others disabled is left as it is.

    Returns `{"run": ..., "undone": [result, ...]}`, empty if none was down.
    """
    from chaoslib_ext.faults.take_back import proxies

    return proxies(proxy)
