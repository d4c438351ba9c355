"""A run: one execution and all the faults it puts in. It owns the undo log, the watchdog and the way back."""

import atexit
import logging
import math
import os
import threading
from collections.abc import Callable, Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from chaoslib_ext.clock import new_id
from chaoslib_ext.descriptors import FILES, Reserve
from chaoslib_ext.errors import GuardRefused, UndoError, UndoNotDurable, WatchdogMissing
from chaoslib_ext.undo import lease
from chaoslib_ext.undo.lines import Intent
from chaoslib_ext.undo.log import UndoLog, logs, prune
from chaoslib_ext.undo.presence import WATCHDOG, is_stopped
from chaoslib_ext.undo.signals import LeftToWatchdog, held_back, leave_by, let_be

from . import undoers
from .heartbeat import Heartbeat
from .keeper import Keeper
from .standby import Standby

if TYPE_CHECKING:
    from chaoslib_ext.model import Undo, UndoResult

    from .remeasure import Watched

__all__ = ["RecordLike", "Run", "begin", "current", "current_id", "end_current"]


_logger = logging.getLogger("chaostoolkit")


class RecordLike(Protocol):
    """What a run asks of its record (`record.Record`)."""

    folder: Path
    id: str

    def append(self, kind: str, data: dict[str, Any], actor: str = "runner") -> Any:
        """Write one event, durably."""


class Run:
    """One execution. Made by `begin`; threads may share it."""

    def __init__(self, log: UndoLog, record: RecordLike | None, lease_s: float = lease.DEFAULT) -> None:
        self.id = log.run
        self.lease_s = lease_s
        self.log = log
        self.record = record
        self.watchdog = Standby(log)
        log.on_line = lambda line: self.watchdog.send(line)
        self._pid = os.getpid()
        self._lock = threading.RLock()
        self._is_open = True
        self._keeper: Keeper | None = None
        self._heartbeat: Heartbeat | None = None
        self._reserve: Reserve | None = None
        self.watched: dict[int, Watched] = {}
        """Undo -> what its fault looked like on its link, so that its absence can be seen too."""
        self.on_lapse: Callable[[str], None] = _logger.error
        """Told, once and from another thread, when the watchdog has taken this run's faults back: it must end."""
        self.on_unwatched: Callable[[str], None] = self._unwatched
        """Told, from another thread, when this run has faults on and can have no watchdog: it must end."""
        self.overstayed: list[str] = []
        """In words, the faults that were on for longer than their duration."""

    @property
    def is_open(self) -> bool:
        """May faults still go in? False once closed, and in a forked child, which gets a run of its own."""
        return self._is_open and self._pid == os.getpid()

    def note(self, kind: str, data: dict[str, Any]) -> None:
        """Tell the record, if there is one. Raises RecordError when it cannot be written."""
        if self.record is not None:
            self.record.append(kind, data, actor="runner")

    def arm(self, server: str | None = None) -> None:
        """See that a watchdog stands ready, starting a new one if it died or was stopped, and write down that faults go
        to `server`.

        Raises WatchdogMissing or UndoNotDurable.
        """
        import chaoslib_ext.undo.replay  # noqa: F401 (now: an activity may leave no file to be opened)

        with self._lock:
            if server is not None:
                self.log.note_server(server)
            if not self.watchdog.is_alive() or is_stopped(self.log.path, WATCHDOG):
                self.replace_watchdog()
            self._make_ready()
            try:
                self._start_threads()
            except RuntimeError as error:
                raise WatchdogMissing(
                    f"run {self.id} cannot have its threads ({error}); nothing was injected"
                ) from error

    def replace_watchdog(self) -> None:
        """End the watchdog, which died or was stopped, and start another. What the one that was stopped holds (the lock
        of the undo log, say) is free then, and it can do no harm should it be let go on. Raises WatchdogMissing.
        """
        with self._lock:
            if self.is_open:
                self.watchdog.kill()
                self.watchdog.wait(1.0)  # so that no zombie stays; in a frozen cgroup (version 1) it dies only later
                self.watchdog = Standby(self.log)
                self._make_ready()

    def _make_ready(self) -> None:
        if self.watchdog.be_ready():
            self.tell("watchdog.ready", {"pid": self.watchdog.pid})
            self.watchdog.tell("look")
            self.watchdog.tell("beat")

    def _start_threads(self) -> None:
        """What may be needed to undo, now: then no thread, and no file, may be to be had. Raises RuntimeError."""
        from chaoslib_ext.undo.replay import get_ready

        from . import remeasure, told  # noqa: F401

        undoers.load()
        if self._reserve is None:
            self._reserve = Reserve(FILES)
        if self._heartbeat is None:
            self._heartbeat = Heartbeat(
                self.lease_s,
                lambda: self.watchdog.tell("beat"),
                lambda: self.has_lapsed,
                self._lapse,
                lambda: self.watchdog.tell("stuck"),
            )
        self._keeper = self._keeper or Keeper(self)
        for server in self.log.read().servers:
            get_ready(server)

    @property
    def has_lapsed(self) -> bool:
        """True if its faults were taken back because this process hung. Raises UndoError."""
        return self.why_lapsed is not None

    @property
    def why_lapsed(self) -> str | None:
        """How it showed that this process hung, so that its faults were taken back. Raises UndoError."""
        state = self.log.read()
        return state.why_lapsed if state.lapsed else None

    def _lapse(self) -> None:
        self.on_lapse(
            f"the faults of run {self.id} were taken back: {self.log.known.why_lapsed}. Nothing more of it may go in"
        )

    def _unwatched(self, why: str) -> None:
        _logger.error("%s; they are undone", why)
        self.undo(None, "guard")

    def intend(self, make: "Callable[[int, list[Intent]], Undo]") -> "Undo":
        """Write an undo ahead of its fault: `make(id, earlier intents)` builds it.

        Raises UndoNotDurable, and GuardRefused when the run has ended meanwhile (nobody would undo it), or lapsed.
        """
        with self._lock:
            if not self.is_open:
                raise GuardRefused(f"run {self.id} is over, so nothing was injected")
            state = self.log.read()
            undo = make(state.next_id, state.intents)
            if undo.driver == "proxy" and not state.names(str(undo.args.get("server"))):
                raise GuardRefused(f"run {self.id} was not armed for {undo.args['server']}; nothing was injected")
            self.log.intend(undo)
        return undo

    def settle(self, undo: "Undo") -> None:
        """Write that what this undo would do was done already, by the host: nothing is left of it to be undone."""
        from chaoslib_ext.model import UndoResult

        done = UndoResult(id=undo.id, says=undo.says, status="already gone", verified=True)
        self.log.resolve(done, by="runner", reason="end")

    def withdraw(self, undo: "Undo") -> None:
        """Write that this undo must never be done: its fault did not go in, and what stands there is another's."""
        from chaoslib_ext.model import UndoResult

        never = UndoResult(id=undo.id, says=f"{undo.says}: never applied", status="already gone", verified=True)
        self.log.resolve(never, by="runner", reason="failed")

    def make_room(self) -> None:
        """See that files and connections can be opened, for the undo and what follows."""
        if self._reserve is not None:
            self._reserve.free()

    def undo(
        self,
        only: Collection[int] | None,
        reason: str,
        *,
        again: bool = False,
        redeliver: bool = True,
        lock: float = math.inf,
    ) -> "list[UndoResult]":
        """Undo what is open, or of that only the ids named (`again`: open or not); signals are held back meanwhile.
        `lock`: seconds to wait for another process that undoes this run.

        Failures are in the results, and stay open for the watchdog. Three signals leave the rest to the watchdog.
        """
        from chaoslib_ext.undo.replay import Patience, replay

        from .told import of_faults

        results: list[UndoResult] = []
        self.make_room()
        try:
            with held_back(redeliver=redeliver):
                results = replay(
                    self.log,
                    undoers.load(),
                    only=only,
                    again=again,
                    by="runner",
                    reason=reason,
                    patience=Patience(lock),
                    on_result=self._teller(reason),
                )
        except LeftToWatchdog:
            _logger.error(
                "Left to the watchdog (process %d): it undoes the rest when this run is gone. To see it done: "
                "chaos undo --run %s",
                self.watchdog.pid,
                self.id,
            )
        return self._measured(of_faults(results, self.log.read()), reason) if results else []

    def _measured(self, results: "list[UndoResult]", reason: str) -> "list[UndoResult]":
        """Ask the links of what was undone once more, now that nothing has to wait for it; the record hears of it."""
        open_still = {one.args.get("proxy") for one in self.log.read().open if not one.is_lock}
        watched = {id: one for id, one in self.watched.items() if one[0].proxy not in open_still}
        if reason == "failed" or not watched:
            return results
        from .remeasure import remeasured

        told = remeasured(results, watched)
        for one in told:
            if one.id in watched and one.verified:
                self.tell("fault.remeasured", {"id": one.id, "measured": one.measured, "after": one.after})
        return told

    def undo_all(self, reason: str = "end") -> "list[UndoResult]":
        """Undo everything that is still open, last in first out; idempotent. A signal that came is dropped at the end
        of a run, where the process ends anyway, and delivered late otherwise.
        """
        return self.undo(None, reason, redeliver=reason != "end")

    def _teller(self, reason: str) -> "Callable[[Intent, UndoResult], None]":
        from .told import undone

        def tell(intent: Intent, result: "UndoResult") -> None:
            self.tell(*undone(intent, result, by="runner", reason=reason))

        return tell

    def tell(self, kind: str, data: dict[str, Any]) -> None:
        """Tell the record as `note` does, without an error when it cannot be written."""
        try:
            self.note(kind, data)
        except Exception as error:  # the world must be clean even when the record's disk is full
            _logger.warning("the record could not take %s %s (%s)", kind, data, error)

    def close(self) -> None:
        """Say that the run is over. With faults still open the watchdog stays, and tries again when we are gone."""
        with self._lock:
            if not self.is_open:
                return
            self._is_open = False
            if self._heartbeat is not None:
                self._heartbeat.stop()
            state = self.log.read()
            if not state.intents:
                self.log.remove()
            elif not state.open:
                self.log.close()
            self.watchdog.leave(within=3 if state.intents and not state.open else 0)
            if not state.open and self.watchdog.is_alive() and is_stopped(self.log.path, WATCHDOG):
                self.watchdog.kill()  # it was stopped, and has nothing to do any more


_current: Run | None = None
_beginning = threading.RLock()


def begin(record: RecordLike | None = None, run_id: str | None = None, title: str = "") -> Run:
    """Start a run: its undo log is on the disk and its watchdog on the way. A run still open is undone and closed.

    Raises UndoNotDurable, WatchdogMissing, or BadInput for a lease that makes no sense; nothing was injected then.
    """
    global _current
    with _beginning:
        end_current()
        name = run_id or (record.id if record else new_id())
        lease_s = lease.asked_for()
        _look_back()
        log = UndoLog.create(name, title=title, record=record.folder if record else None, lease_s=lease_s)
        try:
            _current = Run(log, record, lease_s)
            if record is None:
                leave_by()
            if record is not None:  # our control begins runs early: time for the watchdog to load what it may need
                _current.watchdog.tell("look")
        except BaseException:
            log.remove()
            raise
        return _current


def _look_back() -> None:
    """Finish what dead runs left behind, say what cannot be read, and forget the old ones that are done."""
    from .aftermath import finish, in_words

    prune()
    for done in finish():
        (_logger.warning if done.is_clean else _logger.error)("%s", in_words(done))
    for log in logs():
        try:
            state = log.read()
        except UndoError as error:
            _logger.warning("%s", error)
            continue
        if state.damaged and not state.closed:
            _logger.warning("%s", state.damage(log.path))


def current() -> Run:
    """The run that is on; one without a record is begun when there is none (no control of ours is needed)."""
    with _beginning:
        return _current if _current is not None and _current.is_open else begin()


def current_id() -> str | None:
    """The id of the run that is on; None when none is. Begins nothing."""
    return _current.id if _current is not None and _current.is_open else None


def end_current() -> None:
    """Undo and close the run that is on, if one is. Registered with `atexit`, for runs without our control."""
    global _current
    run, _current = _current, None
    let_be()
    if run is None or not run.is_open:
        return
    try:
        run.watched.clear()  # nobody would hear of it, and no thread starts any more
        failed = [result for result in run.undo_all("end") if result.status == "failed"]
        for result in failed:
            _logger.critical("NOT UNDONE: %s: %s; type: %s", result.says, result.error, result.by_hand)
        _close(run)
    except UndoError as error:
        _logger.critical("run %s could not be undone: %s; type: chaos undo --run %s", run.id, error, run.id)


def _close(run: Run) -> None:
    try:
        run.close()
    except UndoNotDurable as error:  # what could be undone is; only the log does not say so
        _logger.warning("%s", error)


atexit.register(end_current)
