"""How the lab stands: asked of each process and of the proxy server, never only read from the file."""

from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from chaoslib_ext.errors import LabError, ProxyError
from chaoslib_ext.proxy.client import Client, ProxyState

from .features import hardened
from .layout import LINKS, SERVICES
from .lock import is_changing
from .parts import services, stores
from .processes import is_alive
from .server import server_answers
from .state import LabState, lab_dir, read

__all__ = ["LabStatus", "LinkStatus", "ProcessStatus", "status"]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class ProcessStatus(_Frozen):
    """`silent`: it runs but does not answer."""

    name: str
    port: int | None
    pid: int | None
    state: Literal["running", "silent", "dead"]


class LinkStatus(_Frozen):
    """One link; `leads_to` is the process behind it, `toxics` what is on it now."""

    name: str
    listen: str | None
    leads_to: str
    state: Literal["open", "down", "missing"]
    toxics: tuple[str, ...] = ()


class LabStatus(_Frozen):
    """The whole. `broken`: something of it is missing. `changing`: a command is at work on it right now."""

    state: Literal["up", "down", "broken", "changing"]
    problem: str | None = None
    url: str | None = None
    server: str | None = None
    started: datetime | None = None
    hardened: tuple[str, ...] = ()
    processes: tuple[ProcessStatus, ...] = ()
    links: tuple[LinkStatus, ...] = ()
    folder: str


def status(folder: Path | None = None) -> LabStatus:
    """Ask everything that should be there. Who holds the lock names the folder, and is not told of itself."""
    if folder is None and is_changing(lab_dir()):
        return LabStatus(state="changing", problem="another chaos lab command is at work on it", folder=str(lab_dir()))
    folder = folder or lab_dir()
    try:
        state = read(folder)
    except LabError as error:
        return LabStatus(state="broken", problem=str(error), folder=str(folder))
    if state is None:
        return LabStatus(state="down", folder=str(folder))
    processes, links = _processes(folder, state), _links(state)
    problem = _problem(state, processes, links)
    return LabStatus(
        state="broken" if problem else "up",
        problem=problem,
        url=f"http://{state.links['storefront']}" if "storefront" in state.links else None,
        server=state.server,
        started=state.started,
        hardened=hardened(folder),
        processes=processes,
        links=links,
        folder=str(folder),
    )


def _problem(state: LabState, processes: tuple[ProcessStatus, ...], links: tuple[LinkStatus, ...]) -> str | None:
    if state.phase != "up":
        return "its start was cut short"
    wrong = [f"{one.name} is {one.state}" for one in processes if one.state != "running"]
    if all(one.state == "missing" for one in links):
        wrong.append("every link is missing")
    else:
        wrong += [f"link {one.name} is missing" for one in links if one.state == "missing"]
    return ", ".join(wrong) or None


def _processes(folder: Path, state: LabState) -> tuple[ProcessStatus, ...]:
    filled = state.links if len(state.links) == len(LINKS) else {link.name: "" for link in LINKS}
    whole = state.model_copy(update={"links": filled})
    parts = [*stores(folder, whole), *services(folder, whole, linked=False), *services(folder, whole, linked=True)]
    asked = {part.name: part.answers for part in parts}
    names = ["toxiproxy", "postgres", "valkey", *(service.name for service in SERVICES)]
    return tuple(_process(state, name, asked) for name in names)


def _process(state: LabState, name: str, asked) -> ProcessStatus:  # type: ignore[no-untyped-def]
    known = state.processes.get(name)
    if known is None or not is_alive(known):
        return ProcessStatus(name=name, port=known.port if known else None, pid=None, state="dead")
    answers = server_answers(state) if name == "toxiproxy" else asked[name](known.port)
    return ProcessStatus(name=name, port=known.port, pid=known.pid, state="running" if answers else "silent")


def _links(state: LabState) -> tuple[LinkStatus, ...]:
    try:
        there = Client(state.server, timeout=3).proxies() if state.server else {}
    except ProxyError:
        there = {}
    return tuple(_link(link.name, link.to, there.get(link.name)) for link in LINKS)


def _link(name: str, to: str, there: ProxyState | None) -> LinkStatus:
    if there is None:
        return LinkStatus(name=name, listen=None, leads_to=to, state="missing")
    toxics = tuple(toxic.name for toxic in there.toxics)
    state: Literal["open", "down"] = "open" if there.enabled else "down"
    return LinkStatus(name=name, listen=there.listen, leads_to=to, state=state, toxics=toxics)
