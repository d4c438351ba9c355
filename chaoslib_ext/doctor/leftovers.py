"""What runs left behind: by name on every known server, and in every undo log."""

from collections.abc import Iterator

from chaoslib_ext.errors import ExtError
from chaoslib_ext.faults.leftovers import leftovers
from chaoslib_ext.faults.live import Live, live, urls
from chaoslib_ext.proxy.client import Client

from .finding import Finding

__all__ = ["check"]

_NAME = "leftovers"
_PATIENCE = 2.0


def check() -> Iterator[Finding]:
    """Faults of dead runs, faults nobody here knows, undo logs that cannot be read, proxies somebody disabled."""
    faults, problems = live()
    runs, unreadable = leftovers()
    yield from (_of(one) for one in faults)
    told = {one.run for one in faults}
    for run in runs:
        if not run.is_alive and run.header.run not in told:
            open_ones = "; ".join(one.says for one in run.intents)
            fix = f"chaos undo --run {run.header.run}"
            yield Finding(_NAME, "wrong", f"run {run.header.run} is dead, and this is still open: {open_ones}", fix)
    for problem in dict.fromkeys([*unreadable, *(one for one in problems if "may have done more" not in one)]):
        yield Finding(_NAME, "wrong", problem)
    yield from _disabled({(one.server, one.proxy) for one in faults if one.toxic is None})


def _of(one: Live) -> Finding:
    what = f"{one.fault} on {one.proxy} ({one.server})"
    if one.alive:
        return Finding(_NAME, "note", f"{what}: run {one.run} is under way, process {one.pid}")
    if one.alive is None:
        says = f"toxic {one.toxic} on {one.proxy} ({one.server}): no run {one.run} is known here; of another machine?"
        return Finding(_NAME, "wrong", says, one.by_hand or "")
    return Finding(_NAME, "wrong", f"{what}: run {one.run} is dead", f"chaos undo --run {one.run}")


def _disabled(ours: set[tuple[str, str]]) -> Iterator[Finding]:
    """`enabled: false` has no place for an owner's name: one that no log here knows is reported and left alone."""
    found, _ = urls()
    for url in found:
        try:
            proxies = Client(url, timeout=_PATIENCE).proxies()
        except ExtError:
            continue  # `servers` says it
        for name, proxy in proxies.items():
            if not proxy.enabled and (url, name) not in ours:
                says = f"proxy {name} on {url} is disabled, and no run here did it"
                yield Finding(_NAME, "note", says, f"if it should listen: chaos proxy toggle {name} --url {url}")
