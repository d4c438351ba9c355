"""The undo log of one run: what must be taken back, on the disk before the fault is in the world.

One file a run, one line a fact, appended and fsynced; several processes may append (runner, watchdog, a person's
`chaos undo`), each under a short lock. A line that could not be written whole is cut away again.
"""

import json
import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chaoslib_ext.clock import SYSTEM, Clock, boot_id
from chaoslib_ext.durable import sync_folder
from chaoslib_ext.errors import GuardRefused, UndoError, UndoNotDurable
from chaoslib_ext.folders import private_flags, read_private, state_dir

from .lines import SCHEMA, Header, Intent, LogState, parsed
from .lock import locked
from .owner import Owner, machine, person
from .presence import RUNNER, WATCHDOG, Presence, is_there, owner_file

if TYPE_CHECKING:
    from chaoslib_ext.model import Undo, UndoResult

__all__ = ["UndoLog", "logs", "prune"]


_PATIENCE = 60.0
"""Seconds to wait for another process that undoes the same run; more than a hung server can cost it."""
_PATIENCE_WITH_THE_DEAD = 1.0
"""Seconds to wait for the lock of a run whose process is dead, or stopped: a deadline must be kept all the same."""
_PATIENCE_FOR_A_LINE = 5.0  # a line is one write at the end of the file, whole even beside another's

_logger = logging.getLogger("chaostoolkit")


def logs() -> list["UndoLog"]:
    """Every undo log of this user on this machine, oldest first."""
    return [UndoLog(path) for path in sorted(state_dir("undo").glob("*.jsonl"), key=_age)]


def _age(path: Path) -> tuple[float, str]:
    try:
        return path.stat().st_mtime, path.name
    except FileNotFoundError:  # its run ended this moment; reading it will tell
        return 0.0, path.name


def prune(keep: int = 100) -> None:
    """Remove the logs of runs that are over and clean, except the newest `keep`."""
    for log in logs()[:-keep]:
        try:
            is_over = log.read().closed
        except UndoError:
            continue  # one that cannot be read is for a person to look at
        if is_over:
            log.remove()


class UndoLog:
    """The log at `path` (`<state>/undo/<run>.jsonl`)."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._known = LogState()
        self._seen = (b"", LogState())
        self._presence: Presence | None = None

    @classmethod
    def create(
        cls, run: str, *, title: str = "", record: Path | None = None, lease_s: float = 0.0, clock: Clock = SYSTEM
    ) -> "UndoLog":
        """Start the log of a run owned by the calling process, which is known to live while it lasts.

        Raises UndoNotDurable; nothing is left then.
        """
        log = cls(state_dir("undo") / f"{run}.jsonl")
        owner = Owner.this()
        head = {
            "kind": "run",
            "run": run,
            "title": title,
            "pid": owner.pid,
            "create_time": owner.create_time,
            "boot_id": owner.boot_id,
            "by": person(),
            "machine": machine(),
            "lease_s": lease_s,
            "record": str(record) if record else None,
            "started": clock.wall().isoformat(),
        }
        with _durably(f"the undo log of run {run}", log.path):
            os.close(os.open(log.path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | private_flags, 0o600))
        try:
            log.be_there(RUNNER)
            log._append(head)
            with _durably(f"the undo log of run {run}", log.path):
                sync_folder(log.path.parent)
        except UndoNotDurable:
            log.remove()
            raise
        return log

    @property
    def run(self) -> str:
        """The id of the run."""
        return self.path.stem

    def read(self) -> LogState:
        """All that the log says now, and what this process knew of it before: a log that was deleted, cut or made
        read-only in the middle of a run must not make anybody forget a fault.

        Raises UndoTooNew, or UndoError when it cannot be read and nothing of it is known.
        """
        try:
            state = self._parsed(read_private(self.path))
        except OSError as error:
            if not self._known.intents:
                raise UndoError(f"cannot read the undo log {self.path}: {error.strerror}") from error
            return self._known
        self._known = state.with_what_is_known(self._known)
        return self._known

    def _parsed(self, content: bytes) -> LogState:
        """What the file says; of one that only grew since the last time, only what is new is looked at."""
        before, state = self._seen
        whole = content[: content.rfind(b"\n") + 1]
        if before and whole == before:
            return state
        has_grown = bool(before) and whole.startswith(before)
        state = parsed(whole[len(before) :], state) if has_grown else parsed(whole)
        self._seen = (whole, state)
        return state

    def intend(self, undo: "Undo", clock: Clock = SYSTEM) -> None:
        """Write one undo ahead of its fault.

        Raises UndoNotDurable, or GuardRefused when the watchdog has taken the run's faults back: then the fault may
        not go in.
        """
        data, written = undo.model_dump(mode="json"), clock.wall().isoformat()
        self._append({"kind": "intent", "time": written, "undo": data}, unless=self._refuse_lapsed)
        known = self._known
        if undo.id not in {one.id for one in known.intents}:  # else another thread has read the line meanwhile
            known.intents.append(Intent(data, written))

    def _refuse_lapsed(self) -> None:
        lapsed = self.read().lapsed
        if lapsed:
            raise GuardRefused(
                f"run {self.run} gave no sign of life, so its watchdog took its faults back ({lapsed}); nothing more "
                "of it may go in. Start it again"
            )

    def lapse(self, clock: Clock = SYSTEM) -> None:
        """Write that the run gave no sign of life: from here on `intend` refuses. Raises UndoNotDurable."""
        self._known.lapsed = clock.wall().isoformat()
        self._append({"kind": "lapsed", "time": self._known.lapsed}, "so the run may go on where it was")

    def note_server(self, url: str) -> None:
        """Write down a server that the run is about to put a fault on; no undo may name another. Raises as `intend`."""
        if url not in self._known.servers:
            self._append({"kind": "server", "url": url})
            self._known.servers |= {url}

    def resolve(self, result: "UndoResult", *, by: str, reason: str) -> None:
        """Write that one undo was done. Raises UndoNotDurable: then it will be tried once more, which is harmless."""
        told = {"time": SYSTEM.wall().isoformat(), "result": result.model_dump(mode="json"), "by": by, "reason": reason}
        line = {"kind": "undone", **told}
        self._known.results[result.id] = line
        self._append(line, "the target is clean all the same")

    def close(self) -> None:
        """Write that the run is over and nothing of it is left."""
        self._append({"kind": "closed"}, "its targets are clean all the same")
        self.leave()

    def be_there(self, who: int) -> None:
        """Let everybody see that the calling process is at this run; without an error where locks are not to be had."""
        try:
            self._presence = Presence(self.path, who)
        except OSError as error:  # then the pid, its start and the boot must do
            _logger.debug("run %s cannot be held (%s)", self.run, error)

    def leave(self) -> None:
        """The calling process is not at it any more."""
        if self._presence is not None:
            self._presence.leave()
            self._presence = None

    def remove(self) -> None:
        """Forget the log: only for a run that never wrote an undo. One that cannot be removed does no harm."""
        self.leave()
        for path in (self.path, self._lock_path, owner_file(self.path)):
            try:
                path.unlink(missing_ok=True)
            except OSError as error:
                _logger.warning("cannot remove %s: %s", path, error.strerror)

    @property
    def _lock_path(self) -> Path:
        return self.path.with_suffix(".lock")

    @contextmanager
    def undoing(self, clock: Clock = SYSTEM) -> Iterator[None]:
        """Hold the right to undo this run; runner, watchdog and `chaos undo` wait for each other here.

        Raises UndoError when another process keeps it for longer than any undo takes. Of a dead run it is taken all
        the same after a moment (a child that the run forked may still hold the lock), and of one that was stopped in
        the middle: undoing twice does no harm, not undoing does. So does a disk that has become read-only not keep
        anybody from undoing.
        """
        descriptor = self._lock_descriptor()
        if descriptor is None:
            yield
            return
        with locked(descriptor, self._may_wait, clock):
            yield

    def _lock_descriptor(self) -> int | None:
        for more in (os.O_CREAT | os.O_RDWR, os.O_RDONLY):
            try:
                return os.open(self._lock_path, private_flags | more, 0o600)
            except OSError as error:
                reason = error.strerror
        _logger.warning("undoing run %s without its lock (%s: %s)", self.run, self._lock_path, reason)
        return None

    def _may_wait(self, waited: float) -> bool:
        """May one wait for the lock any longer? Raises UndoError when it is held too long for a living run."""
        if waited > _PATIENCE:
            raise UndoError(
                f"another process has been undoing run {self.run} for more than {_PATIENCE:g} s and keeps its "
                f"lock ({self._lock_path}); see `fuser {self._lock_path}`, then: chaos undo --run {self.run}"
            )
        return waited < _PATIENCE_WITH_THE_DEAD or self._owner_goes_on()

    def _owner_goes_on(self) -> bool:
        state = self.read()
        header = state.header
        return state.lapsed is None and header is not None and self.is_alive(header) and not header.owner.is_stopped()

    def is_alive(self, header: Header | None) -> bool:
        """Does the run's process live, wherever it is on this machine? One that is stopped does."""
        if header is None or header.owner.boot_id != boot_id():
            return False
        held = is_there(self.path, RUNNER)
        return header.owner.is_alive() if held is None else held

    def is_attended(self, header: Header | None) -> bool:
        """Is its process or its watchdog at it, so that nobody else needs to be?"""
        return self.is_alive(header) or (
            header is not None and header.owner.boot_id == boot_id() and bool(is_there(self.path, WATCHDOG))
        )

    def _append(
        self,
        line: dict[str, Any],
        but: str = "so nothing was injected",
        unless: Callable[[], None] = lambda: None,
    ) -> None:
        data = json.dumps({"schema_version": SCHEMA, **line}, separators=(",", ":")).encode() + b"\n"
        with _durably(f"the undo log of run {self.run}", self.path, but):
            descriptor = os.open(self.path, os.O_RDWR | os.O_APPEND | private_flags)
            with locked(descriptor, lambda waited: waited < _PATIENCE_FOR_A_LINE, SYSTEM):
                unless()
                _append_whole(descriptor, data)


def _append_whole(descriptor: int, data: bytes) -> None:
    """Append and fsync, or leave the file as it was."""
    end = _end_of_last_line(descriptor)
    try:
        if os.write(descriptor, data) != len(data):
            raise OSError(28, "No space left on device")
        os.fsync(descriptor)
    except OSError:
        os.ftruncate(descriptor, end)
        raise


def _end_of_last_line(descriptor: int) -> int:
    """Cut away what a killed writer left half written (never acknowledged), so that no line is glued to it."""
    size = os.fstat(descriptor).st_size
    if size and os.pread(descriptor, 1, size - 1) != b"\n":
        size = os.pread(descriptor, size, 0).rfind(b"\n") + 1
        os.ftruncate(descriptor, size)
    return size


@contextmanager
def _durably(what: str, path: Path, but: str = "so nothing was injected") -> Iterator[None]:
    try:
        yield
    except FileExistsError as error:
        raise UndoNotDurable(
            f"{what} exists already ({path}); give this run another id. Nothing was injected"
        ) from error
    except OSError as error:
        raise UndoNotDurable(
            f"{what} cannot be written ({path}: {error.strerror}), {but}; "
            "make room, or set CHAOS_STATE_DIR to a folder you may write to"
        ) from error
