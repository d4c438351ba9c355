"""The original server as engine: for those who want to compare, or to rule ours out as the cause of something."""

import ctypes
import logging
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

from chaoslib_ext.clock import SYSTEM
from chaoslib_ext.errors import BadInput, ProxyError

__all__ = ["GO_VERSION", "go_server", "serve_go"]

logger = logging.getLogger("chaoslib_ext.proxy")

GO_VERSION = "2.12.0"
START_SECONDS = 10.0
PR_SET_PDEATHSIG = 1
"""prctl(2): the original must not outlive the process that answers for it."""


def go_server() -> Path:
    """The original's binary: TOXIPROXY_SERVER_BIN, then the PATH, then our cache. Raises BadInput, with what to do."""
    from platformdirs import user_cache_path

    cached = user_cache_path("chaostoolkit-ext") / f"toxiproxy-{GO_VERSION}" / "toxiproxy-server"
    named = os.environ.get("TOXIPROXY_SERVER_BIN")
    found = shutil.which(named or "toxiproxy-server") or (None if named else shutil.which(cached))
    if found:
        return Path(found)
    where = (
        f"TOXIPROXY_SERVER_BIN names {named}, which is no program" if named else f"it is neither on PATH nor {cached}"
    )
    raise BadInput(
        f"the Go server toxiproxy-server was not found: {where}; install it with "
        f"`GOBIN=... go install github.com/Shopify/toxiproxy/v2/cmd/server@v{GO_VERSION}` and set "
        "TOXIPROXY_SERVER_BIN to the binary, or use --engine embedded"
    )


def serve_go(
    listener: socket.socket,
    *,
    config: Path | None,
    seed: int | None,
    metrics: bool,
    ready: Callable[[str, int], None],
) -> None:
    """Run the original until SIGINT, SIGTERM or SIGHUP, which end it too. Raises BadInput or ProxyError.

    `listener` proves that the API's address is free and is closed here: the original would run on without an API.
    """
    host, port = listener.getsockname()[:2]
    url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    command = [str(go_server()), "-host", host, "-port", str(port)]
    command += ["-config", str(config)] if config else []
    command += ["-seed", str(seed)] if seed is not None else []
    command += ["-proxy-metrics"] if metrics else []
    if seed is not None:
        logger.warning("the go engine takes a seed and ignores it: its chance is not repeatable")
    listener.close()
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=2, preexec_fn=_die_with_parent
    )  # it logs there
    told: list[int] = []

    def pass_on(number: int, _frame: object) -> None:
        told.append(number)
        process.send_signal(signal.SIGTERM if number == signal.SIGHUP else number)

    before = {number: signal.signal(number, pass_on) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        _await_api(process, url, told)
        if not told:
            ready(url, process.pid)
        code = process.wait()
    finally:
        process.kill()
        process.wait()
        for number, handler in before.items():
            signal.signal(number, handler)
    if not told:
        raise ProxyError(f"the Go server ended by itself with code {code}; its own log says why")


def _await_api(process: subprocess.Popen[bytes], url: str, told: list[int]) -> None:
    deadline = SYSTEM.monotonic() + START_SECONDS
    while not told and not _answers(url):
        if process.poll() is not None:
            raise ProxyError(f"the Go server ended with code {process.returncode} before its API answered")
        if SYSTEM.monotonic() > deadline:
            raise ProxyError(f"the Go server's API on {url} did not answer within {START_SECONDS:.0f} s")
        SYSTEM.sleep(0.02)


def _answers(url: str) -> bool:
    from .client import Client

    try:
        Client(url, timeout=1.0).version()
    except ProxyError:
        return False
    return True


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
