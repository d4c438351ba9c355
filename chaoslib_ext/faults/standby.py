"""The watchdog as its runner sees it: a process of its own, in a session of its own, that must say `ready` first."""

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from chaoslib_ext.descriptors import is_readable
from chaoslib_ext.errors import WatchdogMissing
from chaoslib_ext.folders import at_home, private_flags, state_dir
from chaoslib_ext.undo.log import DISK, WITHIN, UndoLog

__all__ = ["Standby", "processes_of"]

_READY_WITHIN = 10.0
_COMMAND = ["-m", "chaoslib_ext.faults.watch"]


class Standby:
    """A watchdog for one run, started in the background by the constructor. Raises WatchdogMissing if it can't be."""

    def __init__(self, log: UndoLog) -> None:
        self._ready = False
        notes, flags = state_dir() / "watchdog.log", os.O_WRONLY | os.O_APPEND | os.O_CREAT | private_flags
        try:
            with open(DISK.do(lambda: os.open(notes, flags, 0o600), WITHIN), "ab") as errors:
                self._process = subprocess.Popen(
                    [sys.executable, *_COMMAND, str(log.path)],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=errors,
                    cwd="/",
                    env=_environment(),
                    start_new_session=True,
                    bufsize=0,
                )
        except OSError as error:
            raise WatchdogMissing(f"the watchdog could not be started ({error}), so nothing was injected") from error
        assert self._process.stdin is not None
        os.set_blocking(self._process.stdin.fileno(), False)  # one that hangs must not make its runner hang too

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def is_alive(self) -> bool:
        """Does it run?"""
        return self._process.poll() is None

    def wait(self, within: float | None = None) -> None:
        """Until it ends, or for so many seconds."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(within)

    def kill(self) -> None:
        """End it at once, also one that was stopped; what it holds is free then."""
        self._process.kill()

    def be_ready(self, within: float = _READY_WITHIN) -> bool:
        """Wait for its word; True the first time. Raises WatchdogMissing when it does not come."""
        if self._ready:
            return False
        if self._word(within) != b"ready\n":
            self._process.kill()
            raise WatchdogMissing(
                f"the watchdog (process {self.pid}) did not get ready within {within:g} s, so nothing was injected; "
                f"see {state_dir() / 'watchdog.log'}"
            )
        self._ready = True
        return True

    def _word(self, within: float) -> bytes:
        out = self._process.stdout
        assert out is not None
        word = os.read(out.fileno(), 64) if is_readable(out.fileno(), within) else b""
        out.close()
        return word

    def tell(self, word: str) -> None:
        """Say `look` (faults may follow), `beat` (I live), `stuck` (I do not hear signals: undo now) or `bye` (the run
        is over).

        A dead watchdog hears nothing, one that hangs hears what fits into the pipe; no error.
        """
        self.send(word.encode() + b"\n")

    def send(self, lines: bytes) -> None:
        """Tell it whole lines; those of the undo log it keeps in mind. As `tell`."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(lines)
        except (OSError, ValueError):
            pass  # it is dead, or an activity closed our end of the pipe; whoever needs it asks is_alive()

    def leave(self, within: float = 3.0) -> None:
        """Say bye and wait a moment, so that no zombie stays; one that still has work is left alone."""
        self.tell("bye")
        assert self._process.stdin is not None
        try:
            self._process.stdin.close()
            self._process.wait(within)
        except (OSError, subprocess.TimeoutExpired):
            pass  # it stays on purpose, and ends by itself


def processes_of(log: UndoLog) -> list[int]:
    """The watchdogs of a run that are processes for whoever asks: those that `kill` would reach here."""
    mark = [b"chaoslib_ext.faults.watch", os.fsencode(log.path)]
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = file.read_bytes().split(b"\0")
            is_ours = os.geteuid() in (0, file.stat().st_uid)
        except OSError:  # it ended this moment, or is another user's
            continue
        if is_ours and words[-3:-1] == mark:
            found.append(int(file.parent.name))
    return sorted(found)


def _environment() -> dict[str, str]:
    """Ours, with every path absolute, because the watchdog lives in `/` so as not to hold any folder busy."""
    env = dict(os.environ)
    for name in ("CHAOS_STATE_DIR", "CHAOS_JOURNAL_DIR"):
        if env.get(name):
            env[name] = str(at_home(env[name]).absolute())
    if env.get("PYTHONPATH"):
        env["PYTHONPATH"] = os.pathsep.join(os.path.abspath(part) for part in env["PYTHONPATH"].split(os.pathsep))
    env["PYTHONUNBUFFERED"] = "1"
    return env
