"""Which server is this? Told so that an undo reaches the very server its fault was put on, not a later one on its port.

Ours says it itself, in every answer (`X-Toxiproxy-Instance`, drawn at its start). The original has nothing of the
kind; where it listens on this machine it is the process that listens, known by its start, if that process is really a
Toxiproxy: behind a tunnel or a container's port forwarding it is not, and the tunnel's end would say nothing about the
server's. Then there is no identity (None), and names and addresses must do.
"""

import os
import socket
import struct
from collections.abc import Iterator
from functools import lru_cache
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from chaoslib_ext.clock import boot_id
from chaoslib_ext.processes import started_at

from .client import Client

__all__ = ["identity_of", "is_another"]

_PROGRAM = "toxiproxy"
"""What the program of the original is called, in part (`toxiproxy-server`)."""


def identity_of(client: Client) -> str | None:
    """Who gave the last answer that this thread had from there, or None."""
    return f"instance {client.heard}" if client.heard else _process(client.url)


def is_another(client: Client, recorded: str | None) -> bool:
    """Was the last answer that this thread had from there another server's than the one of that identity, which has
    gone then? False where that cannot be told.
    """
    kind, _, rest = (recorded or "").partition(" ")
    if kind == "instance":
        return client.heard != rest
    if kind == "process":
        pid, start, boot, namespace = rest.split()
        if boot != boot_id():
            return True
        return namespace == _namespace() and started_at(int(pid)) != float(start)
    return False


def _process(url: str) -> str | None:
    pid = _listener(url)
    start = started_at(pid) if pid else None
    return f"process {pid} {start} {boot_id()} {_namespace()}" if start is not None else None


def _namespace() -> str:
    """Pids mean something in here only (`man 7 pid_namespaces`)."""
    try:
        return os.readlink("/proc/self/ns/pid")
    except OSError:
        return "-"


def _listener(url: str) -> int | None:
    """The Toxiproxy process that listens there, as far as we may see it."""
    parts = urlsplit(url)
    try:
        host = ip_address("127.0.0.1" if parts.hostname == "localhost" else parts.hostname or "")
    except ValueError:
        return None
    if not host.is_loopback or parts.port is None:
        return None
    return _owner(frozenset(_listening(parts.port)))


@lru_cache(maxsize=64)
def _owner(inodes: frozenset[str]) -> int | None:
    """The Toxiproxy process that has one of these sockets; a later one has others, so this may be remembered."""
    wanted = {f"socket:[{inode}]" for inode in inodes}
    return next((pid for pid in _toxiproxies() if wanted & _sockets(pid)), None)


def _listening(port: int) -> Iterator[str]:
    """The inodes of the sockets that listen on that port of loopback or of every address (`man 5 proc`, net/tcp)."""
    loopback = struct.unpack("=I", socket.inet_aton("127.0.0.1"))[0]
    here = {"00000000", f"{loopback:08X}", "0" * 32, "00000000000000000000000001000000"}
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            rows = Path(table).read_text().splitlines()[1:]
        except OSError:
            continue
        for row in rows:
            _, local, _, state, *rest = row.split()
            address, _, number = local.partition(":")
            if state == "0A" and address in here and int(number, 16) == port:
                yield rest[5]


def _toxiproxies() -> Iterator[int]:
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            program = os.path.basename(os.readlink(folder / "exe"))
        except OSError:  # gone, or another user's
            continue
        if _PROGRAM in program:
            yield int(folder.name)


def _sockets(pid: int) -> set[str]:
    found = set()
    try:
        for one in Path(f"/proc/{pid}/fd").iterdir():
            found.add(os.readlink(one))
    except OSError:
        pass  # gone meanwhile
    return found
