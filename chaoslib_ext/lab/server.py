"""The lab's own Toxiproxy, and the lab's links on it."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from chaoslib_ext.errors import ProxyError, ProxyFailed
from chaoslib_ext.links import file
from chaoslib_ext.proxy import servers
from chaoslib_ext.proxy.client import Client, ProxyState
from chaoslib_ext.proxy.serve import start_detached

from .layout import LINKS, Link
from .ports import HOST, Ports
from .processes import is_alive
from .starting import Starter
from .state import MARK, LabState, ProcessState

__all__ = ["USUAL_PORT", "described", "put_links", "server_answers", "start_server"]

USUAL_PORT = 8474
"""Toxiproxy's own default."""


def start_server(starter: Starter) -> str:
    """Start the embedded server in its own session and make it known; its URL."""
    book = starter.book
    with starter.timed("toxiproxy"), _marked(str(book.folder)):
        before = book.state.processes.get("toxiproxy")
        port = starter.ports.again(before.port) if before else starter.ports.pick(USUAL_PORT)
        book.note_process("toxiproxy", ProcessState(port=port))
        try:
            serving = start_detached(HOST, port, log=starter.log("toxiproxy"))
        except ProxyError:  # the port may have been taken since it was found free: let the server choose
            serving = start_detached(HOST, 0, log=starter.log("toxiproxy"))
    listens = urlsplit(serving.url).port or port
    book.note_process("toxiproxy", ProcessState(port=listens, pid=serving.pid, create_time=serving.create_time))
    book.note(server=serving.url)
    servers.register(serving.url, serving.engine, serving.pid, serving.create_time, by="lab")
    return str(serving.url)


def server_answers(state: LabState) -> bool:
    """Does the lab's server answer, and is it still the process that was written down?"""
    known = state.processes.get("toxiproxy")
    if state.server is None or known is None or not is_alive(known):
        return False
    try:
        Client(state.server, timeout=3).version()
    except ProxyError:
        return False
    return True


@contextmanager
def _marked(folder: str) -> Iterator[None]:
    before = os.environ.get(MARK)
    os.environ[MARK] = folder
    try:
        yield
    finally:
        os.environ.pop(MARK) if before is None else os.environ.update({MARK: before})


def put_links(url: str, ports: Ports, upstreams: Mapping[str, int], before: Mapping[str, str]) -> dict[str, str]:
    """Make every link be there; `host:port` of each. `before` is where they listened once: kept if still free.

    A link that is there and leads to the right port is left alone, toxics and all.
    """
    client = Client(url)
    there = client.proxies()
    return {link.name: _put(client, link, there, ports, upstreams[link.to], before) for link in LINKS}


def described(folder: Path, upstreams: Mapping[str, int], listens: Mapping[str, str]) -> None:
    """Write the lab's `links.yaml`, which gives `tag:database` and `service:payment` their meaning."""
    links = [file.Link(one.name, listens[one.name], f"{HOST}:{upstreams[one.to]}", one.tags, one.to) for one in LINKS]
    file.written(folder / "links.yaml", links)


def _put(
    client: Client,
    link: Link,
    there: Mapping[str, ProxyState],
    ports: Ports,
    leads_to: int,
    before: Mapping[str, str],
) -> str:
    upstream = f"{HOST}:{leads_to}"
    if known := there.get(link.name):
        return known.listen if known.upstream == upstream else client.update(link.name, upstream=upstream).listen
    had = before.get(link.name)
    port = ports.again(int(had.rpartition(":")[2])) if had else ports.pick(link.port)
    try:
        return client.create(link.name, upstream, listen=f"{HOST}:{port}").listen
    except ProxyFailed:  # taken between the look and the listen: let the server choose
        return client.create(link.name, upstream).listen
