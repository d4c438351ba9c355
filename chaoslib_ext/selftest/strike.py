"""In the child: what happens at a point: a signal to whom it may concern, a disk that fails, a clock that jumps.

Several processes of a run share one set of orders; what one of them did is left in the folder for the others to see.
"""

import errno
import os
import signal
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from chaoslib_ext.clock import SYSTEM, SystemClock

from .steps import stop_watchdogs, watchdogs_of
from .told import read

__all__ = ["Strikes"]

_AGAIN = 0.05
"""Seconds between two Ctrl-C of an impatient person."""
_PATIENCE = 30.0
"""Seconds to wait for `chaos selftest` to do its part."""


class Strikes:
    """What `orders["strikes"]` says: each `{"at": a point's name, "do": [word, ...]}`, done once, by one process."""

    def __init__(self, orders: dict[str, Any], role: str, tell: Callable[[dict[str, Any]], None]) -> None:
        self._orders = orders
        self._role = role
        self._tell = tell
        self._waiting: dict[str, dict[str, Any]] = {one["at"]: one for one in orders["strikes"]}
        self._folder = Path(orders["folder"])

    def due(self, name: str) -> dict[str, Any] | None:
        """What is to be done here, if anything is."""
        one = self._waiting.pop(name, None)
        return one if one and self._is_first(self._orders["strikes"].index(one)) else None

    def _is_first(self, number: int) -> bool:
        """Has no other process in the same role, come to life after the blow, been there before?"""
        try:
            os.close(os.open(self._folder / f"struck-{number}", os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        except FileExistsError:
            return False
        return True

    def strike(self, one: dict[str, Any]) -> None:
        """Do it. May not come back."""
        word, *rest = one["do"]
        getattr(self, f"_{word.replace('-', '_')}")(*rest)

    def wrap(self) -> None:
        """Put ourselves around disk and clocks, where the orders need it."""
        words = {one["do"][0] for one in self._orders["strikes"]}
        if words & {"disk-full", "disk-error"}:
            for name in ("write", "fsync"):
                setattr(os, name, self._failing(getattr(os, name)))
        if "clock" in words:
            self._wrap_clock()
        if "no-threads" in words:
            threading.Thread.start = self._without(threading.Thread.start)  # type: ignore[method-assign, assignment]

    # --- processes

    def _signal(self, name: str, *more: str) -> None:
        """To this process; `twice` as an impatient person does, `both` to its partner first."""
        number = signal.Signals[name]
        if "both" in more:
            for pid in self._partners():
                os.kill(pid, number)
        if "twice" in more:
            threading.Thread(target=self._later, args=(number,), daemon=True).start()
        os.kill(os.getpid(), number)

    def _later(self, number: int) -> None:
        SYSTEM.sleep(_AGAIN)
        os.kill(os.getpid(), number)

    def _partners(self) -> list[int]:
        """The watchdogs of this runner, or the runner of this watchdog (its parent, as long as that lives)."""
        if self._role == "watchdog":
            return [os.getppid()] if os.getppid() == self._runner() else []
        return watchdogs_of(os.getpid())

    def _runner(self) -> int | None:
        found = (one for one in read(self._folder) if one["is"] == "process")
        return next((one["pid"] for one in found if one["role"] == "runner"), None)

    def _server(self, what: str) -> None:
        """Let `chaos selftest` hurt the server, and wait here until it has: that is what this very point means."""
        self._tell({"is": "server", "what": what})
        deadline = SYSTEM.monotonic() + _PATIENCE
        while not (self._folder / "server-done").exists() and SYSTEM.monotonic() < deadline:
            SYSTEM.sleep(0.005)

    def _stop_watchdog(self, *then: str) -> None:
        """Stop it, then send this process a signal if one is named."""
        stop_watchdogs(os.getpid())
        self._end(*then)

    def _no_threads(self, *then: str) -> None:
        """From now on no process of the run can start a thread, as where a limit on processes is reached."""
        self._leave("threads", "none")
        self._end(*then)

    def _end(self, *names: str) -> None:
        for name in names:
            os.kill(os.getpid(), signal.Signals[name])

    def _without(self, real: Callable[[threading.Thread], None]) -> Callable[[threading.Thread], None]:
        def start(thread: threading.Thread) -> None:
            if self._left("threads"):
                raise RuntimeError("can't start new thread")
            real(thread)

        return start

    # --- disks

    def _disk_full(self, which: str) -> None:
        self._leave("disk", f"{which} {errno.ENOSPC}")

    def _disk_error(self, which: str) -> None:
        self._leave("disk", f"{which} {errno.EIO}")

    def _failing(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def failing(descriptor: int, *args: Any) -> Any:
            which, _, number = self._left("disk").partition(" ")
            if which and _is_on(descriptor, which):
                raise OSError(int(number), os.strerror(int(number)))
            return real(descriptor, *args)

        return failing

    # --- clocks

    def _clock(self, which: str, seconds: str) -> None:
        self._leave(f"clock-{which}", seconds)

    def _jump(self, which: str) -> float:
        return float(self._left(f"clock-{which}") or 0)

    def _wrap_clock(self) -> None:
        wall, boot = SystemClock.wall, SystemClock.boot

        def jumped_wall(clock: SystemClock) -> datetime:
            return wall(clock) + timedelta(seconds=self._jump("wall"))

        def jumped_boot(clock: SystemClock) -> float:
            return boot(clock) + self._jump("boot")

        SystemClock.wall = jumped_wall  # type: ignore[method-assign, assignment]
        SystemClock.boot = jumped_boot  # type: ignore[method-assign, assignment]

    # --- what all processes of the run see

    def _leave(self, name: str, text: str) -> None:
        (self._folder / name).write_text(text)

    def _left(self, name: str) -> str:
        try:
            return (self._folder / name).read_text()
        except FileNotFoundError:
            return ""


def _is_on(descriptor: int, which: str) -> bool:
    """Is it a file of the undo log (`undo`), or of a record (`record`)?"""
    try:
        path = os.readlink(f"/proc/self/fd/{descriptor}")
    except OSError:
        return False
    return ("/state/undo" if which == "undo" else "/journal/runs") in path
