"""Steps of the small experiment that only the selftest needs: a run that ends, or stops, itself; an action and a
rollback as somebody else writes them.
"""

import os
import signal
from pathlib import Path

from chaoslib_ext.clock import SYSTEM
from chaoslib_ext.processes import is_stopped, started_at

__all__ = ["add_toxic", "open_proxy", "put", "signalled", "stop_watchdogs", "take", "watchdogs_of"]

_TOXIC = "somebodys"


def signalled(name: str, with_watchdog: bool = False) -> bool:
    """Send a signal to the run itself (SIGKILL, SIGTERM, SIGSTOP), and to its watchdog before if that is asked."""
    number = signal.Signals[name]
    for pid in watchdogs_of(os.getpid()) if with_watchdog else []:
        os.kill(pid, number)
    os.kill(os.getpid(), number)
    return True


def watchdogs_of(runner: int) -> list[int]:
    """The pids of the watchdogs that this process has started and that run."""
    children = [pid for file in Path(f"/proc/{runner}/task").glob("*/children") for pid in file.read_text().split()]
    return [int(pid) for pid in children if b"chaoslib_ext.faults.watch" in Path(f"/proc/{pid}/cmdline").read_bytes()]


def stop_watchdogs(runner: int) -> None:
    """Stop them, and return when none of them runs any more."""
    pids = watchdogs_of(runner)
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    while not all(is_stopped(pid) or started_at(pid) is None for pid in pids):
        SYSTEM.sleep(0.002)


def put() -> bool:
    """A toxic on `web`, past everything of ours: what only the experiment's own rollback can take back."""
    return add_toxic("web", _TOXIC)


def take() -> bool:
    """That rollback; there may be nothing to take."""
    return _send("DELETE", f"web/toxics/{_TOXIC}") in (204, 404)


def add_toxic(for_proxy: str, toxic_name: str) -> bool:
    """As chaostoxi's `create_toxic` does: our control knows its inverse by its name."""
    return _send("POST", f"{for_proxy}/toxics", {"name": toxic_name, "type": "noop", "attributes": {}}) == 200


def open_proxy(proxy_name: str) -> bool:
    """As chaostoxi's `enable_proxy` does."""
    return _send("POST", proxy_name, {"enabled": True}) == 200


def _send(method: str, path: str, body: object = None) -> int:
    import requests  # not before the tracer waits for it

    url = f"{os.environ['TOXIPROXY_URL']}/proxies/{path}"
    return requests.request(method, url, json=body, timeout=5).status_code
