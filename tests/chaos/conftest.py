"""Victims: child processes that put faults in and are then killed, and a server on which one sees what is left."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from chaoslib_ext.proxy.client import Client
from chaoslib_ext.testing.upstream import Upstream, http, postgresql

SOON = 8.0
"""Seconds after which nothing may be left: enough for a busy machine, and before the lease (10 s) would do it too."""
FOREIGN = {"type": "latency", "name": "someone-elses", "attributes": {"latency": 0, "jitter": 0}}


class Scene:
    """A server with two proxies, one of which carries a toxic that is not ours."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.before: dict[str, Any] = {}

    def looks(self) -> dict[str, Any]:
        return {name: proxy.as_json() for name, proxy in self.client.proxies().items()}

    def faults(self) -> list[str]:
        """What of ours is in now."""
        found = []
        for name, proxy in self.client.proxies().items():
            found += [one.name for one in proxy.toxics if one.name.startswith("cx-") and one.name != "cx-lock"]
            found += [] if proxy.enabled else [f"{name} down"]
        return found

    def is_without_faults_soon(self, within: float = SOON) -> None:
        """Likewise, but the run may hold its links still: it is not over."""
        start = time.monotonic()
        while self.faults():
            assert time.monotonic() - start < within, f"left behind: {self.faults()}"
            time.sleep(0.005)

    def is_clean_soon(self, within: float = SOON) -> float:
        """Wait until all is as it was; the seconds that took. Fails when it takes longer than `within`."""
        start = time.monotonic()
        while self.looks() != self.before:
            assert time.monotonic() - start < within, f"left behind: {self.faults()}"
            time.sleep(0.005)
        return time.monotonic() - start


@pytest.fixture
def scene(toxiproxy: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    monkeypatch.setenv("TOXIPROXY_URL", toxiproxy)
    client = Client(toxiproxy)
    with ExitStack() as stack:
        for name, talk in (("web-http", http), ("orders-postgresql", postgresql)):
            client.create(name, stack.enter_context(Upstream(talk)).address)
        client.add_toxic("web-http", **FOREIGN)  # type: ignore[arg-type]
        it = Scene(client)
        it.before = it.looks()
        yield it


class Victim:
    """A process in a session of its own that says `in` when its faults are in and then waits."""

    def __init__(self, code: str, *, by: Sequence[str] = (), **more: Any) -> None:
        head = "import os, signal, sys, time\nfrom actions import proxies, toxics, undo\n"
        tail = "\nprint('in', flush=True)\nsys.stdin.read()\n"
        source = head + textwrap.dedent(code) + tail
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        self.process = subprocess.Popen(
            [*by, sys.executable, "-c", source], start_new_session=True, text=True, **{**pipes, **more}
        )

    @property
    def pid(self) -> int:
        return self.process.pid

    def is_in(self) -> None:
        assert self.process.stdout
        said = self.process.stdout.readline()
        assert said == "in\n", f"{said!r}: {self.process.stderr.read() if self.process.stderr else ''}"

    def signal(self, number: int, *, group: bool = False) -> None:
        (os.killpg if group else os.kill)(self.pid, number)

    def ends(self, within: float = 30) -> tuple[int, str]:
        """Let it come to its end; exit code and what it said on stderr."""
        _, said = self.process.communicate(timeout=within)
        return self.process.returncode, said

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.kill()
        self.process.communicate()


@pytest.fixture
def victim() -> Iterator[Callable[..., Victim]]:
    """Start victims; what is left of them is killed afterwards."""
    started: list[Victim] = []

    def start(code: str, **more: Any) -> Victim:
        started.append(Victim(code, **more))
        return started[-1]

    yield start
    for one in started:
        one.close()


@pytest.fixture
def watchdog_of() -> Callable[[int], int]:
    """The pid of the watchdog of a runner: its child that was started with the undo log."""

    def find(runner: int) -> int:
        import psutil

        for child in psutil.Process(runner).children():
            if "chaoslib_ext.faults.watch" in child.cmdline():
                return child.pid
        raise AssertionError(f"process {runner} has no watchdog")

    return find


@pytest.fixture
def chaos() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run the real `chaos` to its end."""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [str(Path(sys.executable).with_name("chaos")), "--no-version-check", "--no-log-file", *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    return run
