"""Starting the server: in the foreground, or detached in a session of its own, so that it outlives whoever needs it.

`python -m chaoslib_ext.proxy.serve --port 8474` is what `chaos proxy serve` and the lab run.
"""

import argparse
import asyncio
import errno
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable, Collection, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from chaoslib_ext.errors import BadInput, ExtError, ProxyError

from .detached import Serving, start_detached

if TYPE_CHECKING:
    from .bodies import ProxyBody
    from .browsers import Gate

__all__ = ["Engine", "Serving", "serve", "start_detached"]

logger = logging.getLogger("chaoslib_ext.proxy")

Engine = Literal["embedded", "go"]
Ready = Callable[[str], None] | None
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def serve(
    host: str = "127.0.0.1",
    port: int = 8474,
    *,
    config: Path | None = None,
    seed: int | None = None,
    metrics: bool = False,
    engine: Engine = "embedded",
    allow_host: Collection[str] = (),
    ready: Ready = None,
) -> None:
    """Serve until SIGINT, SIGTERM or SIGHUP; `ready` is called with the API's URL once it answers.

    `allow_host` are further names that requests may call it by; the go engine takes any.
    Raises BadInput (a bad config file, no Go server found) or ProxyError (the port is taken).
    """
    from .browsers import gate_of, host_name
    from .config import read
    from .logs import log_to

    names = [host_name(name) for name in allow_host]
    if not logger.handlers:
        log_to(None)
    wanted = read(config) if config else []
    with _api_socket(host, port) as listener:
        if engine == "go":
            _run_go(listener, wanted, config, seed, metrics, ready)
        else:
            _more_files()
            _run(_serve(listener, gate_of(listener, host, names), wanted, config, seed, metrics, ready))


def _run_go(
    listener: socket.socket,
    wanted: list["ProxyBody"],
    config: Path | None,
    seed: int | None,
    metrics: bool,
    ready: Ready,
) -> None:
    from .config import written
    from .go_engine import serve_go

    if any(body.toxics for body in wanted):
        raise BadInput(f"config file {config} has toxics, which the go engine ignores; use --engine embedded")
    with written(wanted) as file:  # not the person's own: there a proxy without `listen` would open on every address
        serve_go(
            listener,
            config=file if config else None,
            seed=seed,
            metrics=metrics,
            ready=lambda url, pid: _announce("go", url, pid, ready),
        )


async def _serve(
    listener: socket.socket,
    gate: "Gate",
    wanted: list["ProxyBody"],
    config: Path | None,
    seed: int | None,
    metrics: bool,
    ready: Ready,
) -> None:
    from aiohttp import web

    from .api import Api
    from .bodies import ApiError
    from .httpd import HttpServer
    from .server import Server

    server = Server(seed)
    expose = None
    if metrics:
        from .metrics import exposition

        expose = exposition(server)
    runner = web.ServerRunner(HttpServer(Api(server, expose, gate)), handle_signals=False, shutdown_timeout=1.0)
    try:
        try:
            await server.populate(wanted, [])
        except ApiError as error:
            raise BadInput(f"config file {config}: {error.message}; change that entry's listen") from None
        await runner.setup()
        await web.SockSite(runner, listener, backlog=1024).start()
        await _until_told(f"http://{_shown(listener)}", ready)
    finally:
        server.close()
        await runner.cleanup()


async def _until_told(url: str, ready: Ready) -> None:
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in ENDING:
        loop.add_signal_handler(number, told.set)
    _announce("embedded", url, os.getpid(), ready)
    await told.wait()
    logger.info("stopping")


def _announce(engine: Engine, url: str, pid: int, ready: Ready) -> None:
    logger.info("Toxiproxy API (%s engine) on %s, pid %d", engine, url, pid)
    if ready:
        ready(url)


def _run(main: Coroutine[Any, Any, None]) -> None:
    try:
        import uvloop
    except ImportError:
        asyncio.run(main)
    else:
        uvloop.run(main)


def _api_socket(host: str, port: int) -> socket.socket:
    sock = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((host, port))
        sock.listen(1024)
        sock.setblocking(False)
    except (OSError, OverflowError, TypeError, UnicodeError) as error:  # the latter two: no host's name at all
        sock.close()
        why = getattr(error, "strerror", None) or str(error)
        raise ProxyError(f"cannot listen on {host}:{port} for the Toxiproxy API: {why}; {_other(error)}") from error
    return sock


def _other(error: Exception) -> str:
    named = isinstance(error, OSError) and error.errno not in (errno.EADDRINUSE, errno.EACCES)
    if named or isinstance(error, TypeError | UnicodeError):
        return "choose another --host, an address of this machine such as 127.0.0.1"
    return "choose another --port (0 takes a free one), or stop what listens there"


def _shown(sock: socket.socket) -> str:
    host, port = sock.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _more_files() -> None:
    """Two descriptors a connection: allow as many as the system lets us."""
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def main(arguments: list[str] | None = None) -> int:
    """The process entry; a mistake is one line on stderr (and in the log) and exit code 1, or 2 for bad input."""
    parser = argparse.ArgumentParser(prog="python -m chaoslib_ext.proxy.serve", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8474)
    parser.add_argument("--config", type=Path)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--metrics", action="store_true")
    parser.add_argument("--engine", choices=("embedded", "go"), default="embedded")
    parser.add_argument("--allow-host", action="append", default=[], metavar="NAME")
    parser.add_argument("--log", type=Path, help="a file to append the log to; stderr without it")
    parser.add_argument("--ready-fd", type=int, help=argparse.SUPPRESS)
    given = vars(parser.parse_args(arguments))
    from .logs import log_to

    log_to(given.pop("log"))
    ready_fd = given.pop("ready_fd")
    try:
        serve(**given, ready=lambda url: _tell(ready_fd, url))
    except ExtError as error:
        _tell(ready_fd, f"! {error}")
        print(error, file=sys.stderr)
        return 2 if isinstance(error, BadInput) else 1
    return 0


def _tell(fd: int | None, line: str) -> None:
    if fd is not None:
        os.write(fd, f"{line}\n".encode())
        os.close(fd)


if __name__ == "__main__":
    sys.exit(main())
