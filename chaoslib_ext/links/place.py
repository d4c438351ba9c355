"""A link put in its place: the file and the server changed together, or neither."""

import socket
from pathlib import Path

from chaoslib_ext.errors import BadInput, ExtError, UnknownTarget, did_you_mean
from chaoslib_ext.proxy.client import Client

from .file import Link, added, read, removed, same_place, save

__all__ = ["FIRST_PORT", "add", "free_listen", "remove"]

FIRST_PORT = 26001
"""Where links without a `listen` of their own begin to look for a free port."""


def free_listen(links: tuple[Link, ...]) -> str:
    """The first address of this machine, from FIRST_PORT on, that is free and in no link. Raises BadInput."""
    taken = {same_place(link.listen) for link in links}
    for port in range(FIRST_PORT, FIRST_PORT + 1000):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        if same_place(f"127.0.0.1:{port}") not in taken:
            return f"127.0.0.1:{port}"
    raise BadInput(f"no port from {FIRST_PORT} on is free; name one with --listen")


def add(client: Client, path: Path, link: Link) -> None:
    """Create the proxy and write the link down; whatever fails, neither is left. Raises BadFile or ProxyError."""
    before = _bytes(path)
    text = added(before, link, path)
    client.create(link.name, link.upstream, listen=link.listen)
    try:
        save(path, text)
    except ExtError:
        client.delete(link.name)
        raise


def remove(client: Client, path: Path, name: str) -> bool:
    """Take the link out of the file and its proxy off the server; was it there? Raises UnknownTarget, BadFile."""
    links = read(path)
    if name not in [link.name for link in links]:
        raise UnknownTarget(f'{path} has no link "{name}"{did_you_mean(name, [link.name for link in links])}')
    text = removed(_bytes(path), name, path)
    is_there = name in client.proxies()
    save(path, text)
    if is_there:
        client.delete(name)
    return is_there


def _bytes(path: Path) -> str:
    return path.read_bytes().decode() if path.is_file() else ""
