"""Is anything frozen that this fault would touch: its server, or a server whose word counts for everything here?

The latter are named outside the tree (`policy_place`, `freeze_sources`). One of them that does not answer may be frozen
for all that anybody knows, so it counts as such. Undoing never asks here.
"""

from collections.abc import Collection, Mapping

from chaoslib_ext.clock import SYSTEM, Clock
from chaoslib_ext.errors import BadFile, ExtError
from chaoslib_ext.proxy import freeze
from chaoslib_ext.proxy.client import Client
from chaoslib_ext.proxy.state import ProxyState
from chaoslib_ext.safety import freeze as here
from chaoslib_ext.safety import policy_place
from chaoslib_ext.server_name import normal_form

__all__ = ["by_hand", "of_server", "of_sources"]

_PATIENCE = 3.0
"""Seconds that such a server has to answer."""


def of_server(server: str, proxies: Mapping[str, ProxyState]) -> str | None:
    """Why no fault may go into that server, which has these proxies now; None when it may. Never raises."""
    return freeze.refusal(proxies, server) or of_sources(besides=[server])


def by_hand(client: Client | None) -> str | None:
    """Why no person may add or disable anything on that server by hand now; None when they may.

    The same freezes as for a fault: this host's, the server's (None: it is not up yet), the sources'. Raises ProxyError
    when the server cannot be asked.
    """
    if why := here.refusal():
        return why
    return of_server(client.url, client.proxies()) if client else of_sources()


def of_sources(*, besides: Collection[str] = (), clock: Clock = SYSTEM) -> str | None:
    """Why no fault may go in anywhere: what the servers say that must be asked, but for `besides`. Never raises."""
    try:
        sources = policy_place.freeze_sources()
    except BadFile as error:
        return str(error)
    known = set(map(normal_form, besides))
    asked = (_of_source(url, clock) for url in sources if normal_form(url) not in known)
    return next((why for why in asked if why), None)


def _of_source(url: str, clock: Clock) -> str | None:
    try:
        return freeze.refusal(Client(url, timeout=_PATIENCE).proxies(), url, clock)
    except ExtError as error:
        return f"whether everything is frozen must be asked of {url}, and it cannot be ({error}), so nothing may go in"
