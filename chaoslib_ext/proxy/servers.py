"""Which server a command or a run speaks to, and the list of those that we started (`servers.json`).

The list lies in the state folder, so that a run finds the server of the lab from any directory. A server is known by
(pid, start time), never by its pid alone: pids are used again.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from chaoslib_ext.clock import SYSTEM
from chaoslib_ext.durable import replaced
from chaoslib_ext.errors import BadFile, NoServer, ProxyError, ProxyFailed, ProxyUnreachable, ServerGone
from chaoslib_ext.folders import read_private, state_dir
from chaoslib_ext.server_name import normal_form

from .address import DEFAULT_URL, base_url
from .client import Client
from .credentials import VARIABLE, named_server
from .state import ProxyState

__all__ = ["VARIABLE", "KnownServer", "connect", "connect_and_list", "forget", "known", "register", "resolve"]

_SAME_START = 2.0  # seconds: psutil reckons a start from the boot time, which a corrected clock moves a little


class KnownServer(BaseModel):
    """A server that `chaos lab up` or `chaos proxy serve` started, with what tells its process from any other."""

    model_config = ConfigDict(frozen=True)

    url: str
    engine: str
    pid: int
    create_time: float
    by: Literal["lab", "serve"]
    registered: datetime


class _Registry(BaseModel):
    schema_version: Literal[1] = 1
    servers: list[KnownServer] = []


def register(url: str, engine: str, pid: int, create_time: float, by: Literal["lab", "serve"]) -> KnownServer:
    """Write a server down as known; the last one registered is the one a run finds."""
    server = KnownServer(
        url=base_url(url), engine=engine, pid=pid, create_time=create_time, by=by, registered=SYSTEM.wall()
    )
    _rewrite(lambda servers: [*_others(servers, server.url), server])
    return server


def forget(url: str) -> None:
    """Strike a server from the list; nothing happens if it is not on it."""
    gone = base_url(url)
    _rewrite(lambda servers: _others(servers, gone))


def known() -> list[KnownServer]:
    """The servers of the list whose process lives, oldest first. Raises BadFile when the list cannot be read."""
    return [one for one in _read().servers if _is_alive(one)]


def resolve(url: str | None = None) -> str:
    """The base URL of the server to use.

    In this order: `url`; the variable TOXIPROXY_URL; the known server registered last; 127.0.0.1:8474, if a Toxiproxy
    answers there. Raises NoServer saying what was tried.
    """
    return _choose(url)[0]


def connect(url: str | None = None, *, timeout: float = 5.0) -> Client:
    """A client of the server that `resolve` names, after it has answered GET /version.

    Raises NoServer, ServerGone, ProxyUnreachable or ProxyFailed; the message says who named that server.
    """
    client, named_by = _chosen(url, timeout)
    with _naming(named_by):
        client.version()
    return client


def connect_and_list(url: str | None = None) -> tuple[Client, dict[str, ProxyState]]:
    """The same with the server's proxies, which are the first question to it then. Raises as `connect`."""
    client, named_by = _chosen(url, 5.0)
    with _naming(named_by):
        return client, client.proxies()


def _chosen(url: str | None, timeout: float) -> tuple[Client, str]:
    chosen, named_by = _choose(url)
    return Client(chosen, timeout=timeout), named_by


@contextmanager
def _naming(named_by: str) -> Iterator[None]:
    """An error of the server tells who named it."""
    try:
        yield
    except (ServerGone, ProxyUnreachable, ProxyFailed) as error:
        raise type(error)(f"{error} (the server was named by {named_by})" if named_by else str(error)) from error


def _choose(url: str | None) -> tuple[str, str]:
    if url:
        return base_url(url, source="the server's URL (--url)"), ""
    if named := named_server():
        return named, f"the variable {VARIABLE}; unset it to use another"
    if alive := known():
        last = alive[-1]
        return last.url, f"`chaos {_COMMANDS[last.by]}`, process {last.pid}"
    return _default(), ""


_COMMANDS = {"lab": "lab up", "serve": "proxy serve"}


def _default() -> str:
    try:
        Client(DEFAULT_URL, timeout=2.0).version()
    except ProxyError as error:
        found = "nothing listens" if isinstance(error, ServerGone) else str(error)
        raise NoServer(
            f"no Toxiproxy server found: {VARIABLE} is not set, no `chaos lab up` or `chaos proxy serve` of yours is "
            f"running, and on {DEFAULT_URL}: {found}. Start one with `chaos lab up` or `chaos proxy serve`, "
            f"or set {VARIABLE}=http://host:port"
        ) from error
    return DEFAULT_URL


def _others(servers: list[KnownServer], url: str) -> list[KnownServer]:
    """Those that live, but for the one at that address; no name is resolved for it."""
    return [one for one in servers if normal_form(one.url) != normal_form(url) and _is_alive(one)]


def _is_alive(server: KnownServer) -> bool:
    import psutil

    try:
        process = psutil.Process(server.pid)
        same = bool(abs(process.create_time() - server.create_time) < _SAME_START)
        return same and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return True  # it is there, and another user's: no reason to call it dead


def _file() -> Path:
    return state_dir() / "servers.json"


def _read() -> _Registry:
    file = _file()
    try:
        return _Registry.model_validate_json(read_private(file))
    except FileNotFoundError:
        return _Registry()
    except (OSError, ValidationError) as error:
        is_newer = isinstance(error, ValidationError) and error.errors()[0]["loc"] == ("schema_version",)
        why = "it was written by a newer version of chaostoolkit-ext" if is_newer else type(error).__name__
        raise BadFile(
            f"the list of known servers, {file}, cannot be read ({why}); delete it, "
            f"then set {VARIABLE} or start your server again"
        ) from error


def _rewrite(change: Callable[[list[KnownServer]], list[KnownServer]]) -> None:
    from filelock import FileLock

    file = _file()
    try:
        with FileLock(f"{file}.lock", timeout=10, mode=0o600):
            servers = change(_read().servers)
            replaced(file, _Registry(servers=servers).model_dump_json(indent=1), 0o600)
    except OSError as error:  # filelock's Timeout is one too
        raise BadFile(
            f"the list of known servers, {file}, cannot be written: {error.strerror or error}; free it, or set "
            "CHAOS_STATE_DIR to a folder you may write to"
        ) from error
