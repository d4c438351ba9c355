"""The undo log of one run: what must be taken back, on the disk before the fault is in the world.

One file a run, one line a fact, appended and fsynced; several processes may append (runner, watchdog, a person's
`chaos undo`), each under a short lock. A line that could not be written whole is cut away again.
"""

import json
import logging
import math
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any

from chaoslib_ext.clock import SYSTEM, Clock, boot_id
from chaoslib_ext.durable import sync_folder
from chaoslib_ext.errors import GuardRefused, UndoError, UndoNotDurable, WatchdogMissing
from chaoslib_ext.folders import private_flags, read_private, state_dir
from chaoslib_ext.worker import Worker

from .durably import LOOK_AT_IT, append_whole, durably
from .lines import NO_SIGN, SCHEMA, Header, Intent, LogState, parsed
from .lock import lock_file, locked
from .owner import Owner, machine, person
from .presence import RUNNER, WATCHDOG, Presence, gives_signs, is_silent, is_there, last_sign, owner_file

if TYPE_CHECKING:
    from chaoslib_ext.model import Undo, UndoResult

__all__ = ["DISK", "WITHIN", "UndoLog", "logs", "prune"]


DISK = Worker("undo log")
"""Does all that this process reads and writes of undo logs, so that a state folder that hangs cannot stop an undo."""
WITHIN = 2.0
"""Seconds that the disk may take for one of them. While one call hangs, each later one fails at once."""
_PATIENCE = 20.0
"""Seconds to wait for another process that undoes the same run; more than a hung server costs it for one fault."""
_PATIENCE_WITH_THE_DEAD = 1.0
"""Seconds to wait for the lock of a run whose process is dead, or stopped: a deadline must be kept all the same."""
_PATIENCE_FOR_A_LINE = 1.0  # a line is one write at the end of the file, whole even beside another's

_logger = logging.getLogger("chaostoolkit")


def logs() -> list["UndoLog"]:
    """Every undo log of this user on this machine, oldest first. Raises UndoError where the state folder hangs."""
    try:
        return DISK.do(lambda: [UndoLog(path) for path in sorted(state_dir("undo").glob("*.jsonl"), key=_age)], WITHIN)
    except TimeoutError as error:
        raise UndoError(f"cannot look into the state folder: {error.strerror}; {LOOK_AT_IT}") from error


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
        self._unwritten: list[dict[str, Any]] = []
        self.on_line: Callable[[bytes], None] = lambda line: None
        """Told each line that this process writes, once it is written."""
        self.within = WITHIN
        """Seconds that the disk may take, for one who cannot wait for it that long."""

    @classmethod
    def create(
        cls, run: str, *, title: str = "", record: Path | None = None, lease_s: float = 0.0, clock: Clock = SYSTEM
    ) -> "UndoLog":
        """Start the log of a run owned by the calling process, which is known to live while it lasts.

        Raises UndoNotDurable or WatchdogMissing; nothing is left then.
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
        with durably(f"the undo log of run {run}", log.path):
            DISK.do(log._made, WITHIN)
        try:
            log.be_there(RUNNER)
            log._append([head])
            with durably(f"the undo log of run {run}", log.path):
                DISK.do(lambda: sync_folder(log.path.parent), WITHIN)
        except (UndoNotDurable, WatchdogMissing):
            log.remove()
            raise
        return log

    def _made(self) -> None:
        """The log, and beside it the file of its lock: opening that must not need to make it, for then it may hang."""
        for path in (self.path, self._lock_path):
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | private_flags, 0o600))

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
            state = self._parsed(DISK.do(lambda: read_private(self.path), self.within))
        except OSError as error:
            if not self._known.intents:
                raise UndoError(f"cannot read the undo log {self.path}: {error.strerror}") from error
            return self._known
        self._known = state.with_what_is_known(self._known)
        return self._known

    @property
    def known(self) -> LogState:
        """What this process knows of it, without a look at the disk."""
        return self._known

    def learn(self, line: bytes) -> None:
        """Know what the runner says that it has written: the disk may hang before it is read there."""
        told, known = parsed(line + b"\n"), self._known
        here = {one.id for one in known.intents}
        known.intents += [one for one in told.intents if one.id not in here]
        known.results.update(told.results)
        known.servers |= told.servers

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
        self._append([{"kind": "intent", "time": written, "undo": data}], unless=self._refuse_lapsed)
        known = self._known
        if undo.id not in {one.id for one in known.intents}:  # else another thread has read the line meanwhile
            known.intents.append(Intent(data, written))

    def _refuse_lapsed(self) -> None:
        state = self.read()
        if state.lapsed:
            raise GuardRefused(
                f"the faults of run {self.run} were taken back ({state.lapsed}): {state.why_lapsed}. Nothing more of "
                "it may go in; start it again"
            )

    def lapse(self, why: str = NO_SIGN, clock: Clock = SYSTEM) -> None:
        """Write that the run hung: from here on `intend` refuses. Raises UndoNotDurable."""
        self._known.lapsed, self._known.why_lapsed = clock.wall().isoformat(), why
        line = {"kind": "lapsed", "time": self._known.lapsed, "why": why}
        try:
            self._append([line], "so the run may go on where it was")
        except UndoNotDurable:
            self._unwritten.append(line)
            raise

    def note_server(self, url: str) -> None:
        """Write down a server that the run is about to put a fault on; no undo may name another. Raises as `intend`."""
        if url not in self._known.servers:
            self._append([{"kind": "server", "url": url}])
            self._known.servers |= {url}

    def resolve(self, *results: "UndoResult", by: str, reason: str) -> None:
        """Write which undos were done. Raises UndoNotDurable: then they are written with the next line, or tried once
        more by the next reader, which is harmless.
        """
        lines: list[dict[str, Any]] = [
            {
                "kind": "undone",
                "time": SYSTEM.wall().isoformat(),
                "result": result.model_dump(mode="json"),
                "by": by,
                "reason": reason,
            }
            for result in results
        ]
        self._known.results.update({result.id: line for result, line in zip(results, lines, strict=True)})
        try:
            self._append(lines, "the target is clean all the same")
        except UndoNotDurable:
            self._unwritten += lines
            self.on_line(b"".join(_as_line(line) for line in lines))
            raise

    @property
    def is_written(self) -> bool:
        """True if the file holds all that this process did."""
        return not self._unwritten

    def close(self) -> None:
        """Write that the run is over and nothing of it is left."""
        self._append([{"kind": "closed"}], "its targets are clean all the same")
        self.leave()

    def be_there(self, who: int) -> None:
        """Let everybody see that the calling process is at this run; without an error where locks are not to be had.

        Raises WatchdogMissing where no thread is to be had, as the watchdog needs one.
        """
        try:
            self._presence = DISK.do(lambda: Presence(self.path, who), WITHIN)
        except RuntimeError as error:
            raise WatchdogMissing(
                f"process {os.getpid()} cannot start a thread ({error}), so nothing was injected; raise its limit "
                "(`ulimit -u`, or pids.max of its cgroup)"
            ) from error
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
                DISK.do(partial(path.unlink, missing_ok=True), WITHIN)
            except OSError as error:
                _logger.warning("cannot remove %s: %s", path, error.strerror)

    @property
    def _lock_path(self) -> Path:
        return self.path.with_suffix(".lock")

    @contextmanager
    def undoing(self, clock: Clock = SYSTEM, patience: float = math.inf) -> Iterator[None]:
        """Hold the right to undo this run; runner, watchdog and `chaos undo` wait for each other here.

        Raises UndoError when another process keeps it for longer than any undo takes. Of a dead run it is taken all
        the same after a moment (a child that the run forked may still hold the lock), and of one that was stopped in
        the middle: undoing twice does no harm, not undoing does. So does a disk that has become read-only, or hangs,
        not keep anybody from undoing. `patience`: seconds for another process, then it is taken all the same.
        """
        try:
            descriptor = DISK.do(lambda: lock_file(self._lock_path), self.within)
        except OSError as error:
            _logger.warning("undoing run %s without its lock (%s: %s)", self.run, self._lock_path, error.strerror)
            yield
            return
        with locked(descriptor, lambda waited: waited < patience and self._may_wait(waited), clock):
            yield

    def _may_wait(self, waited: float) -> bool:
        """May one wait for the lock any longer? Raises UndoError when it is held too long for a living run."""
        if waited > _PATIENCE:
            raise UndoError(
                f"another process has been undoing run {self.run} for more than {_PATIENCE:g} s and keeps its "
                f"lock; end it (here `fuser {quote(str(self._lock_path))}` names it, if it is in no other container), "
                f"then: chaos undo --run {self.run}"
            )
        return waited < _PATIENCE_WITH_THE_DEAD or self._owner_goes_on()

    def _owner_goes_on(self) -> bool:
        state = self.read()
        header = state.header
        if state.lapsed is not None or header is None or not self.is_alive(header) or header.owner.is_stopped():
            return False
        return last_sign(self.path, RUNNER) is None or gives_signs(self.path, RUNNER)  # also in another container

    def is_alive(self, header: Header | None) -> bool:
        """Does the run's process live, wherever it is on this machine? One that is stopped does."""
        if header is None or header.owner.boot_id != boot_id():
            return False
        held = self._is_there(RUNNER)
        return header.owner.is_alive() if held is None else held and not header.owner.is_ending()

    def _is_there(self, who: int) -> bool | None:
        try:
            return DISK.do(lambda: is_there(self.path, who), self.within)
        except TimeoutError:
            return None

    def is_attended(self, header: Header | None) -> bool:
        """True if its process or its watchdog is at it, so that no other process needs to be. A watchdog that was
        stopped is not; to tell takes a moment.
        """
        if self.is_alive(header):
            return True
        is_here = header is not None and header.owner.boot_id == boot_id()
        return is_here and bool(self._is_there(WATCHDOG)) and not is_silent(self.path, WATCHDOG)

    def _append(
        self,
        lines: list[dict[str, Any]],
        but: str = "so nothing was injected",
        unless: Callable[[], None] = lambda: None,
    ) -> None:
        late, lines = self._unwritten, [*self._unwritten, *lines]
        data = b"".join(_as_line(line) for line in lines)
        with durably(f"the undo log of run {self.run}", self.path, but):
            DISK.do(lambda: self._written(data, unless), self.within)
        self._unwritten = [one for one in self._unwritten if one not in late]
        self.on_line(data)

    def _written(self, data: bytes, unless: Callable[[], None]) -> None:
        descriptor = os.open(self.path, os.O_RDWR | os.O_APPEND | private_flags)
        with locked(descriptor, lambda waited: waited < _PATIENCE_FOR_A_LINE, SYSTEM):
            unless()
            append_whole(descriptor, data)


def _as_line(line: dict[str, Any]) -> bytes:
    return json.dumps({"schema_version": SCHEMA, **line}, separators=(",", ":")).encode() + b"\n"
