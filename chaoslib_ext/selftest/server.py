"""A Toxiproxy server of the selftest's own, which may be stopped, killed and started again on its port."""

import os
import signal
import socket
import subprocess
from pathlib import Path

import psutil

from chaoslib_ext.clock import SYSTEM
from chaoslib_ext.errors import ProxyError
from chaoslib_ext.proxy.client import Client
from chaoslib_ext.proxy.detached import start_detached
from chaoslib_ext.proxy.go_engine import go_server

__all__ = ["Server"]

_PATIENCE = 20.0


class Server:
    """Started by `start`, gone after `kill`. `engine` is embedded or go; its log lies in `folder`."""

    def __init__(self, engine: str, folder: Path) -> None:
        """Raises BadInput when there is no Go server here."""
        self.engine = engine
        self._folder = folder
        self._binary = str(go_server()) if engine == "go" else ""
        self._process: psutil.Process | None = None
        self._port = 0

    @property
    def url(self) -> str:
        """Where its API is."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def client(self) -> Client:
        """A client of it."""
        return Client(self.url)

    @property
    def is_alive(self) -> bool:
        """Does its process run?"""
        return self._process is not None and self._process.is_running() and self._process.status() != "zombie"

    def start(self) -> None:
        """On the port it had before, the first time on a free one. Returns when it answers. Raises ProxyError."""
        log = self._folder / "server.log"
        if self.engine == "go":
            self._port = self._port or _free_port()
            with log.open("ab") as output:
                command = [self._binary, "-host", "127.0.0.1", "-port", str(self._port)]
                process = subprocess.Popen(
                    command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
                )
            self._process = psutil.Process(process.pid)
            self._wait_until_it_answers(log)
        else:
            serving = start_detached(port=self._port, log=log)
            self._port = int(serving.url.rpartition(":")[2])
            self._process = psutil.Process(serving.pid)

    def _wait_until_it_answers(self, log: Path) -> None:
        deadline = SYSTEM.monotonic() + _PATIENCE
        while True:
            try:
                self.client.version()
                return
            except ProxyError as error:
                if SYSTEM.monotonic() > deadline:
                    raise ProxyError(f"the server did not answer within {_PATIENCE:g} s; see {log}") from error
                SYSTEM.sleep(0.02)

    def hang(self) -> None:
        """Stop it, and return when none of its threads runs any more: one may still answer after the signal."""
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGSTOP)
        deadline = SYSTEM.monotonic() + _PATIENCE
        while not self._is_stopped() and SYSTEM.monotonic() < deadline:
            SYSTEM.sleep(0.002)

    def _is_stopped(self) -> bool:
        assert self._process is not None
        stats = Path(f"/proc/{self._process.pid}/task").glob("*/stat")
        return all(stat.read_text().rpartition(")")[2].split()[0] == "T" for stat in stats)

    def go_on(self) -> None:
        """After `hang`."""
        if self._process is not None and self.is_alive:
            os.kill(self._process.pid, signal.SIGCONT)

    def kill(self) -> None:
        """End it at once; nothing happens when it is not there."""
        if self._process is None:
            return
        try:
            self._process.kill()
            self._process.wait(_PATIENCE)
        except psutil.NoSuchProcess:
            pass
        self._process = None


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])
