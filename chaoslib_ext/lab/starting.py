"""How a part of the lab is started: written down, started, waited for, and started anew if its port was taken."""

import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import psutil

from chaoslib_ext.clock import Clock
from chaoslib_ext.errors import LabError

from .ports import Ports, is_free
from .processes import Command, spawn, tail
from .state import Book, ProcessState

__all__ = ["Part", "Starter", "Stopped"]

DEADLINE_S = 40.0
TRIES = 3


class Part(Protocol):
    """A process of the lab. `answers` is asked again and again; `finish` is called once when it answered."""

    name: str
    port: int

    def prepare(self) -> None:
        """What must be there before the process; harmless when it is there already."""

    def command(self, port: int) -> Command:
        """How to run it on that port."""

    def answers(self, port: int) -> bool:
        """Is it this very part that answers on that port? Never raises for one that does not."""

    def finish(self, port: int) -> None:
        """What can only be done once it answers; harmless when it is done already."""


class Stopped(Exception):
    """Another part failed, or the person stopped it all: do not go on."""


class Starter:
    """Starts parts, from several threads at once; `stop()` makes all of them give up soon."""

    def __init__(self, book: Book, ports: Ports, clock: Clock, say: Callable[[str], None]) -> None:
        self.book, self.ports, self.clock, self.say = book, ports, clock, say
        self._stopped = threading.Event()

    def stop(self) -> None:
        """Let nothing more be started."""
        self._stopped.set()

    def log(self, name: str) -> Path:
        """Where the output of that process goes."""
        return self.book.folder / "logs" / f"{name}.log"

    def start(self, part: Part) -> int:
        """Start it and wait until it answers; its port. Raises LabError with the end of its log."""
        with self.timed(part.name):
            part.prepare()
            before = self.book.state.processes.get(part.name)
            for attempt in range(TRIES):
                port = self.ports.again(before.port) if before and not attempt else self.ports.pick(part.port)
                if self._runs(part, port):
                    part.finish(port)
                    return port
        raise LabError(f"{part.name}: {TRIES} free ports in a row were taken before it could listen; try again")

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        """Tell how long it took."""
        began = self.clock.monotonic()
        yield
        self.say(f"{name:<15} ready after {self.clock.monotonic() - began:.1f} s")

    def _runs(self, part: Part, port: int) -> bool:
        if self._stopped.is_set():
            raise Stopped
        self.book.note_process(part.name, ProcessState(port=port))
        process = spawn(part.command(port), self.book.folder, self.log(part.name))
        self.book.note_process(part.name, _known(process, port))
        return self._answers(part, port, process)

    def _answers(self, part: Part, port: int, process: subprocess.Popen[bytes]) -> bool:
        """False when it ended because the port was taken meanwhile."""
        deadline = self.clock.monotonic() + DEADLINE_S
        while not part.answers(port):
            if self._stopped.is_set():
                raise Stopped
            if process.poll() is not None:
                return self._ended(part, port, process)
            if self.clock.monotonic() > deadline:
                raise self._failed(part, f"did not answer within {DEADLINE_S:.0f} s")
            self.clock.sleep(0.05)
        return True

    def _ended(self, part: Part, port: int, process: subprocess.Popen[bytes]) -> bool:
        if not is_free(port):
            return False
        raise self._failed(part, f"ended at its start (exit {process.returncode})")

    def _failed(self, part: Part, how: str) -> LabError:
        log = self.log(part.name)
        return LabError(f"{part.name} {how}. The end of {log}:", more=tail(log).split("\n"))


def _known(process: subprocess.Popen[bytes], port: int) -> ProcessState:
    try:
        return ProcessState(port=port, pid=process.pid, create_time=psutil.Process(process.pid).create_time())
    except psutil.Error:
        return ProcessState(port=port, pid=process.pid, create_time=0.0)  # ended already: nobody is it any more
