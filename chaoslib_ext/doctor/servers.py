"""Do the known Toxiproxy servers answer, is one frozen, does a run hold proxies there that nothing here knows of?"""

from collections.abc import Iterator

from chaoslib_ext.errors import ExtError
from chaoslib_ext.faults.frozen import of_sources
from chaoslib_ext.faults.holding import foreign
from chaoslib_ext.faults.live import urls
from chaoslib_ext.proxy import freeze
from chaoslib_ext.proxy.client import Client

from .finding import Finding

__all__ = ["check"]

_NAME = "servers"
_PATIENCE = 2.0


def check() -> Iterator[Finding]:
    """One finding a server; a note when none is known."""
    found, problems = urls()
    for problem in problems:
        yield Finding(_NAME, "wrong", problem)
    for url in found:
        try:
            client = Client(url, timeout=_PATIENCE)
            yield Finding(_NAME, "ok", f"Toxiproxy {client.version()} answers on {url}")
            proxies = client.proxies()
            frozen = freeze.refusal(proxies, url)
            if frozen and frozen != of_sources():  # which is told with what closes the door
                yield Finding(_NAME, "note", frozen)
            for one in foreign(url, proxies):
                yield Finding(_NAME, "note", one.says, f"if that run is dead: {one.by_hand}")
        except ExtError as error:
            yield Finding(_NAME, "wrong", str(error), "start it again, or unset TOXIPROXY_URL")
    if not found and not problems:
        yield Finding(_NAME, "note", "no Toxiproxy server is known here", "chaos lab up, or chaos proxy serve")
