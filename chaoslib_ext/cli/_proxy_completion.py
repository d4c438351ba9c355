"""What the shell offers after a Tab: names of proxies and toxics from the server, types from our list.

Completion runs at every key press and must never disturb: half a second per question, and silence on any failure.
"""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

from ._say import candidates

if TYPE_CHECKING:
    from chaoslib_ext.proxy.state import ProxyState

__all__ = ["proxy_names", "toxic_names", "toxic_types"]


def proxy_names(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Proxies, with listen and upstream as help."""
    return _offer(incomplete, lambda: ((one.name, f"{one.listen} -> {one.upstream}") for one in _proxies(ctx)))


def toxic_names(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Toxics of the proxy already typed; of all proxies where click has not read that far."""
    here = ctx.params.get("name")
    return _offer(
        incomplete,
        lambda: ((it.name, it.type) for one in _proxies(ctx) if here in (None, one.name) for it in one.toxics),
    )


def toxic_types(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Types of toxics, with their attributes as help."""
    return _offer(incomplete, _types)


def _types() -> Iterable[tuple[str, str]]:
    from chaoslib_ext.proxy.arguments import known_types

    return ((name, ", ".join(attributes)) for name, attributes in known_types().items())


def _proxies(ctx: click.Context) -> "Iterable[ProxyState]":
    from chaoslib_ext.proxy.client import Client
    from chaoslib_ext.proxy.servers import resolve

    return Client(resolve(ctx.params.get("url")), timeout=0.5).proxies().values()


def _offer(incomplete: str, find: Callable[[], Iterable[tuple[str, str]]]) -> list[CompletionItem]:
    try:
        return candidates(find(), incomplete)
    except Exception:  # whatever it is, the command itself will say it when it is run; a prompt is no place for it
        return []
