"""`chaos proxy serve`: a Toxiproxy server in the foreground, known to every later command until it ends."""

import os
import threading
from pathlib import Path
from typing import Literal

import click

from ._aftermath import finish_what_is_left
from ._despite_freeze import despite_freeze_option, refuse_if_frozen
from ._errors import ExtCommand
from ._proxy_options import example, json_option
from ._say import say, say_json
from ._wide import warn_of_wide

__all__ = ["serve"]

_LOCAL = ("127.0.0.1", "localhost", "::1")


@click.command(
    cls=ExtCommand,
    epilog=example(
        "chaos proxy serve",
        "chaos proxy serve --port 8475 --config proxies.json --metrics --seed 7",
        "chaos proxy serve --allow-host chaos.example.com",
    ),
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address of the API.")
@click.option("--port", default=8474, show_default=True, type=click.IntRange(0, 65535), help="Its port; 0: a free one.")
@click.option("--config", type=click.Path(path_type=Path), metavar="FILE", help="Proxies to begin with (JSON).")
@click.option("--seed", type=int, help="Make all chance of this server repeatable.")
@click.option("--metrics", is_flag=True, help="Serve /metrics: bytes and connections of each proxy.")
@click.option(
    "--engine",
    type=click.Choice(["embedded", "go"]),
    default="embedded",
    show_default=True,
    help="The server of this package, or the original one, if it is installed.",
)
@click.option(
    "--allow-host",
    multiple=True,
    metavar="NAME",
    help="Answer requests that call the server NAME too, such as those of a reverse proxy. Repeatable.",
)
@despite_freeze_option
@json_option
def serve(
    host: str,
    port: int,
    config: Path | None,
    seed: int | None,
    metrics: bool,
    engine: Literal["embedded", "go"],
    allow_host: tuple[str, ...],
    insists: bool,
    as_json: bool,
) -> None:
    """Run a Toxiproxy server here, until Ctrl-C. Later commands and runs find it by themselves.

    It refuses pages in a browser. On loopback it answers to localhost, IP addresses, the name of this machine and each
    --allow-host; with another --host to any name.
    """
    from chaoslib_ext.proxy.serve import serve as run
    from chaoslib_ext.proxy.servers import forget, known

    known()  # an unreadable list is said before a port is opened
    if config:
        _look_at(config, insists, f"the server to be started at {host}:{port}")
    listening: list[str] = []

    def ready(bound: str) -> None:
        url = _reachable(bound)
        _register(url, engine)
        listening.append(url)
        _say_ready(url, host, as_json)
        threading.Thread(target=finish_what_is_left, daemon=True).start()  # it may ask this very server

    try:
        run(
            host,
            port,
            config=config,
            seed=seed,
            metrics=metrics,
            engine=engine,
            allow_host=allow_host,
            ready=ready,
        )
    finally:
        for url in listening:
            forget(url)
            say(f"Stopped {url}; its proxies and toxics are gone with it.", err=True)


def _look_at(config: Path, insists: bool, server: str) -> None:
    """Refuse faults of the file under a freeze, and warn of proxies that others can reach. Raises ExtError."""
    from chaoslib_ext.proxy.config import read

    wanted = read(config)
    if any(body.toxics or not body.enabled for body in wanted):
        refuse_if_frozen(f"serving {config}, which has toxics or disabled proxies,", insists, None, server)
    warn_of_wide((body.name, body.listen) for body in wanted)


def _reachable(url: str) -> str:
    """Where to reach a server that listens on every address: on loopback; records name a place, not a wildcard."""
    return url.replace("//0.0.0.0:", "//127.0.0.1:").replace("//[::]:", "//[::1]:")


def _register(url: str, engine: str) -> None:
    import psutil

    from chaoslib_ext.proxy.servers import register

    register(url, engine, os.getpid(), psutil.Process().create_time(), by="serve")


def _say_ready(url: str, host: str, as_json: bool) -> None:
    from chaoslib_ext.proxy.credentials import VARIABLE, named_server
    from chaoslib_ext.proxy.servers import known

    others = [one.url for one in known() if one.url != url]
    if as_json:
        say_json({"url": url, "pid": os.getpid(), "others": others})
    else:
        say(f"Toxiproxy is ready on {url}. Next: chaos proxy create web -u 127.0.0.1:80    (Ctrl-C stops it)")
    if others:
        say(f"Also running: {', '.join(others)}. Without --url, commands and runs use {url}.", err=True)
    if named := named_server():
        say(f"{VARIABLE}={named} goes first: unset it to use this server.", err=True)
    if host not in _LOCAL:
        say(f"The API has no login: every client that reaches {host} can break every proxy here.", err=True)
