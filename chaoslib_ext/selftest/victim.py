"""A victim: a run in child processes, with folders of its own, that tells where it is and is ended at a point.

Nothing of the person's own environment reaches it: no settings, no policy, no server, no state.
"""

import json
import os
import signal
import site
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from chaoslib_ext.clock import SYSTEM
from chaoslib_ext.processes import started_at

from . import told

__all__ = ["Strike", "Victim", "chaos", "environment"]

_PATIENCE = 10.0
_NOT_OURS = ("CHAOS", "TOXIPROXY_", "XDG_", "PYTHON", "COV_", "OTEL_")
"""Beginnings of variables that a victim is not given."""
_LOADED = "from chaoslib_ext.selftest.tracer import install\ninstall({orders!r})\n"


@dataclass(frozen=True)
class Strike:
    """At the point of that name, do this (see `strike.py`): `("signal", "SIGKILL")`."""

    at: str
    do: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """As the child reads it."""
        return {"at": self.at, "do": list(self.do)}


def chaos(*words: str) -> list[str]:
    """The real command of this installation."""
    return [sys.executable, "-P", "-m", "chaostoolkit", "--no-version-check", "--no-log-file", *words]


def environment(folder: Path, server: str) -> dict[str, str]:
    """What a victim in `folder` sees of the world."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_NOT_OURS)}
    return {
        **kept,
        "HOME": str(folder),
        "PYTHONUSERBASE": site.getuserbase(),
        "PYTHONPATH": str(folder / "site"),
        "CHAOS_STATE_DIR": str(folder / "state"),
        "CHAOS_JOURNAL_DIR": str(folder / "journal"),
        "CHAOS_LEASE": "2s",
        "TOXIPROXY_URL": server,
        "NO_COLOR": "1",
    }


class Victim:
    """Its processes: the one that was started, and those that joined it (its watchdogs)."""

    def __init__(
        self,
        folder: Path,
        command: Sequence[str],
        server: str,
        *,
        strikes: Sequence[Strike] = (),
        is_traced: bool = False,
    ) -> None:
        self.folder = folder
        (folder / "site").mkdir(exist_ok=True)
        orders = folder / "orders.json"
        (folder / "site" / "sitecustomize.py").write_text(_LOADED.format(orders=str(orders)))
        orders.write_text(json.dumps({
            "told": str(folder / told.FILE),
            "folder": str(folder),
            "trace": is_traced,
            "strikes": [one.as_json() for one in strikes],
        }))  # fmt: skip
        with (folder / "output.log").open("ab") as output:
            self._process = subprocess.Popen(
                command,
                cwd=folder,
                env=environment(folder, server),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        self._seen: dict[int, tuple[str, float]] = {self.pid: ("runner", started_at(self.pid) or 0.0)}

    @property
    def pid(self) -> int:
        """Of the process that was started."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """None while it lives."""
        return self._process.poll()

    def told(self, kind: str) -> list[dict[str, Any]]:
        """What its processes told of that kind (see `told.py`)."""
        return [one for one in told.read(self.folder) if one["is"] == kind]

    def alive(self, role: str | None = None) -> list[int]:
        """The pids of those that live, or of those in that role."""
        for one in self.told("process"):
            if one["pid"] not in self._seen:
                self._seen[one["pid"]] = (one["role"], started_at(one["pid"]) or 0.0)
        same = ((pid, as_what) for pid, (as_what, start) in self._seen.items() if started_at(pid) == start)
        return [pid for pid, as_what in same if role in (None, as_what)]

    def is_over(self) -> bool:
        """Is no process of it left, not even one that was started this moment and could not tell of itself yet?"""
        return not self.alive() and not _of_folder(self.folder)

    def send(self, number: int, pids: Sequence[int]) -> None:
        """A signal to processes of it; one that is gone meanwhile hears nothing."""
        for pid in pids:
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                pass

    def send_group(self, number: int) -> None:
        """A signal to the process that was started, and to all in its group."""
        try:
            os.killpg(self.pid, number)
        except ProcessLookupError:
            pass

    def output(self) -> str:
        """What it said."""
        return (self.folder / "output.log").read_text(errors="replace")

    def end(self) -> list[int]:
        """Kill what is left of it; the pids of those."""
        left = sorted({*self.alive(), *_of_folder(self.folder)})
        self.send(signal.SIGCONT, left)
        self.send(signal.SIGKILL, left)
        self._process.wait()
        deadline = SYSTEM.monotonic() + _PATIENCE
        while self.alive() and SYSTEM.monotonic() < deadline:  # a signal takes a moment
            SYSTEM.sleep(0.005)
        return left


def _of_folder(folder: Path) -> list[int]:
    """Processes that were given this folder as theirs, found by their environment."""
    mark = f"CHAOS_STATE_DIR={folder / 'state'}".encode()
    found = []
    for process in psutil.pids():
        try:
            if mark in Path(f"/proc/{process}/environ").read_bytes().split(b"\0") and started_at(process) is not None:
                found.append(process)
        except OSError:
            continue  # gone, or another user's
    return found
