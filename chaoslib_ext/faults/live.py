"""Which faults are on right now: what the undo logs here say is open, beside what the known servers show.

Only reads. A toxic of ours (`cx-...`) on a known server that no log here knows is another's: of another machine, user
or state folder. Any other toxic, and a proxy that is down, was made by hand or by another program: in an incident it
counts just as much.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from shlex import quote
from typing import Any
from urllib.parse import quote as in_url

from chaoslib_ext.errors import BadFile, ExtError
from chaoslib_ext.proxy import freeze, hold
from chaoslib_ext.proxy.client import Client
from chaoslib_ext.proxy.credentials import named_server
from chaoslib_ext.proxy.servers import known
from chaoslib_ext.proxy.state import ProxyState, ToxicState
from chaoslib_ext.proxy.undo import OURS
from chaoslib_ext.safety import freeze as here
from chaoslib_ext.server_name import one_spelling
from chaoslib_ext.undo.lines import Intent

from .fault import curl
from .frozen import of_sources
from .leftovers import Leftover, leftovers

__all__ = ["Live", "frozen", "live", "urls"]

_PATIENCE = 2.0
"""Seconds to wait for a server: who asks is in a hurry."""


@dataclass(frozen=True)
class Live:
    """One fault that is on, as far as anybody here knows. Times are ISO 8601 with their zone. `run` is "" for what no
    run made.
    """

    fault: str
    server: str
    proxy: str
    what: str
    run: str
    title: str
    by: str
    since: str
    until: str | None
    pid: int | None
    alive: bool | None
    seen: bool | None
    toxic: str | None
    by_hand: str | None
    where: str = ""
    watched: bool | None = None

    def as_json(self) -> dict[str, Any]:
        """For `--json`. `alive`: does its runner run, null when it cannot be told from here. `seen`: does the server
        show it, null when it does not answer. `pid`: of its runner, null where that is no process for a reader here.
        `where` its runner is, in words; empty for a run that no log here knows. `watched`: is a watchdog at it that was
        not stopped, null when it cannot be told from here.
        """
        return asdict(self)


def live() -> tuple[list[Live], list[str]]:
    """Every fault that is on, oldest run first, and what could not be read or seen. Raises nothing of ours."""
    runs, problems = leftovers()
    intents = [(run, one) for run in runs for one in run.intents if not one.is_lock]
    written = [_written(run, one) for run, one in intents if one.data["driver"] == "proxy"]
    problems += [_guest(run, one) for run, one in intents if one.data["driver"] != "proxy"]
    servers: dict[str, dict[str, ProxyState]] = {}
    named, more = urls()
    problems += more
    same = one_spelling([*(one.server for one in written), *named])
    for url in dict.fromkeys(same.values()):
        try:
            servers[url] = Client(url, timeout=_PATIENCE).proxies()
        except ExtError as error:
            problems.append(f"{error}; what is on there is told from the undo logs alone")
    seen = [_looked_up(one, servers.get(same[one.server])) for one in written]
    mine = {(same[one.server], one.proxy, one.toxic) for one in written}
    return [*seen, *_others(mine, servers)], problems


def _guest(run: Leftover, intent: Intent) -> str:
    """What a guest does we cannot see; only that its run has not taken it back yet."""
    return f"run {run.header.run} may have done more, by actions that are not ours; still to come: {intent.says}"


def urls() -> tuple[list[str], list[str]]:
    """The servers that are known here, and what kept others from being known. Raises nothing of ours."""
    found: list[str] = []
    try:
        found += [server.url for server in known()]
        if named := named_server():
            found.append(named)
    except ExtError as error:
        return found, [str(error)]
    return list(dict.fromkeys(one_spelling(found).values())), []


def frozen() -> tuple[str | None, datetime | None]:
    """Why no fault may go in, on this machine or on the known servers and freeze sources, None when it may; and since
    when, None when that is not known.
    """
    if why := here.refusal():
        try:
            found = here.read()
        except BadFile:
            found = None
        return why, found.since if found else None
    servers = list(_frozen_servers())
    starts = [since for _, since in servers if since]
    return "; ".join(why for why, _ in servers) or None, min(starts) if len(starts) == len(servers) > 0 else None


def _frozen_servers() -> Iterator[tuple[str, datetime | None]]:
    asked = []
    for url in urls()[0]:
        try:
            proxies = Client(url, timeout=_PATIENCE).proxies()
        except ExtError:  # `live` says that it does not answer
            continue
        asked.append(url)
        if why := freeze.refusal(proxies, url):
            yield why, freeze.since(proxies)
    if why := of_sources(besides=asked):
        yield why, None


def _written(run: Leftover, intent: Intent) -> Live:
    head, args = run.header, intent.args
    deadline = intent.data.get("deadline")
    return Live(
        fault=str(intent.data.get("fault", "fault")),
        server=str(args.get("server", "?")),
        proxy=str(args.get("proxy", "?")),
        what="",
        run=head.run,
        title=head.title,
        by=head.by,
        since=intent.written or head.started,
        until=str(deadline["wall"]) if deadline else None,
        pid=head.owner.pid if head.owner.is_alive() else None,
        alive=None if run.is_elsewhere else run.is_alive,
        seen=None,
        toxic=args.get("toxic"),
        by_hand=intent.by_hand,
        where=run.where,
        watched=None if run.is_elsewhere else not run.is_unwatched,
    )


def _looked_up(one: Live, proxies: dict[str, ProxyState] | None) -> Live:
    """With what its server shows of it."""
    if proxies is None:
        return one
    proxy = proxies.get(one.proxy)
    if proxy is None:
        return replace(one, seen=False)
    if one.toxic is None:
        return replace(one, seen=not proxy.enabled, what="refuses every connection")
    toxic = next((toxic for toxic in proxy.toxics if toxic.name == one.toxic), None)
    return replace(one, seen=toxic is not None, what=_in_words(toxic) if toxic else "")


def _others(mine: set[tuple[str, str, str | None]], servers: dict[str, dict[str, ProxyState]]) -> Iterator[Live]:
    for url, proxies in servers.items():
        for proxy in proxies.values():
            if proxy.name == freeze.NAME:
                continue  # it is no fault: `chaos proxy list` shows it, and every fault that is refused by it
            if not proxy.enabled and (url, proxy.name, None) not in mine:
                by_hand = f"chaos proxy toggle {quote(proxy.name)} --url {quote(url)}"
                yield _unknown("down", url, proxy.name, "refuses every connection", "", None, by_hand)
            for toxic in proxy.toxics:
                if toxic.name != hold.NAME and (url, proxy.name, toxic.name) not in mine:
                    yield _of_another(url, proxy.name, toxic)


def _of_another(url: str, proxy: str, toxic: ToxicState) -> Live:
    if toxic.name.startswith(OURS):
        run = toxic.name.removeprefix(OURS).partition("-")[0]
        by_hand = curl("DELETE", f"{url}/proxies/{in_url(proxy, safe='')}/toxics/{in_url(toxic.name, safe='')}")
    else:
        run, by_hand = "", f"chaos proxy toxic remove {quote(proxy)} -n {quote(toxic.name)} --url {quote(url)}"
    return _unknown(toxic.type, url, proxy, _in_words(toxic), run, toxic.name, by_hand)


def _unknown(fault: str, url: str, proxy: str, what: str, run: str, toxic: str | None, by_hand: str) -> Live:
    return Live(fault, url, proxy, what, run, "", "", "", None, None, None, True, toxic, by_hand)


def _in_words(toxic: ToxicState) -> str:
    """`latency 400, jitter 0, downstream`."""
    settings = [f"{name} {value:g}" for name, value in toxic.attributes.items()]
    share = [f"{toxic.toxicity:.0%} of connections"] if toxic.toxicity < 1 else []
    return ", ".join([*settings, toxic.stream, *share])
