"""A link put in its place: the file and the server changed together, or neither."""

import errno
import socket
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from chaoslib_ext.errors import BadFile, BadInput, ExtError, UnknownTarget, did_you_mean
from chaoslib_ext.folders import state_dir
from chaoslib_ext.proxy.address import host_port
from chaoslib_ext.proxy.client import Client
from chaoslib_ext.server_name import normal_form

from .file import Link, added, read, removed, save

__all__ = ["FIRST_PORT", "add", "changing", "free_listen", "remove", "settled"]

FIRST_PORT = 26001
"""Where links without a `listen` of their own begin to look for a free port."""


def free_listen(links: Iterable[Link], host: str = "127.0.0.1") -> str:
    """The first address of this `host`, from FIRST_PORT on, that is free and in no link. Raises BadInput."""
    taken = {normal_form(link.listen) for link in links}
    bare = f"[{host}]" if ":" in host and not host.startswith("[") else host
    for port in range(FIRST_PORT, FIRST_PORT + 1000):
        if normal_form(f"{bare}:{port}") not in taken and _is_free(host.strip("[]"), port):
            return f"{bare}:{port}"
    raise BadInput(f"no port of {host} from {FIRST_PORT} on is free; name one with --listen")


def settled(wanted: Sequence[Link], known: Sequence[Link], *, host: str = "127.0.0.1") -> list[Link]:
    """The links as they will be added: each with a `listen`. Raises BadInput before anything is touched.

    `known` are those that count already (links.yaml, the lab). One with the same name and upstream is taken as it is.
    """
    there = {link.name: link for link in known}
    done: list[Link] = []
    for link in wanted:
        before = there.get(link.name)
        if before and before.upstream == link.upstream and link.listen in ("", before.listen):
            done.append(before)
            continue
        _check(link, before, known)
        done.append(link if link.listen else replace(link, listen=free_listen([*known, *done], host)))
    return done


@contextmanager
def changing() -> Iterator[None]:
    """One change at a time: two commands at once would each write the file without the other's link. Raises BadFile."""
    from filelock import FileLock

    lock = FileLock(state_dir() / "links.lock")
    try:
        lock.acquire(timeout=30)
    except OSError as error:  # filelock's Timeout is one too
        why = error.strerror or "another chaos link command holds it"
        raise BadFile(f"cannot lock {lock.lock_file}: {why}; nothing was changed. Try again") from error
    try:
        yield
    finally:
        lock.release()


def add(client: Client, path: Path, *links: Link) -> None:
    """Create the proxies and write the links down; whatever fails, nothing is left. Raises BadFile or ProxyError."""
    text = _text(path)
    for link in links:
        text = added(text, link, path)
    made: list[str] = []
    try:
        for link in links:
            client.create(link.name, link.upstream, listen=link.listen)
            made.append(link.name)
        save(path, text)
    except ExtError:
        for name in made:
            client.delete(name)
        raise


def remove(client: Client, path: Path, name: str) -> bool:
    """Take the link out of the file and its proxy off the server; was it there? Raises UnknownTarget, BadFile."""
    links = read(path)
    if name not in [link.name for link in links]:
        raise UnknownTarget(f'{path} has no link "{name}"{did_you_mean(name, [link.name for link in links])}')
    text = removed(_text(path), name, path)
    is_there = name in client.proxies()
    save(path, text)
    if is_there:
        client.delete(name)
    return is_there


def _text(path: Path) -> str:
    return path.read_bytes().decode() if path.is_file() else ""


def _check(link: Link, before: Link | None, known: Sequence[Link]) -> None:
    host_port(link.upstream, source="the upstream")
    if link.listen:
        host_port(link.listen, source="--listen")
    if before:
        raise BadInput(
            f"there is a link {link.name} already, {before.listen} -> {before.upstream}; take another name, or: "
            f"chaos link remove {link.name}"
        )
    if link.listen and normal_form(link.listen) == normal_form(link.upstream):
        raise BadInput(f"{link.name} would lead to itself: {link.listen} is its --listen and its upstream")
    for one in known:
        if normal_form(one.listen) == normal_form(link.upstream):
            raise BadInput(f"{link.upstream} is the link {one.name} already; the real service is {one.upstream}")


def _is_free(host: str, port: int) -> bool:
    """Raises BadInput when this machine has no such address."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return False
            raise BadInput(f"links cannot listen on {host} of this machine: {error.strerror or error}") from error
    return True
