"""The watchdog's process: `python -m chaoslib_ext.faults.watch UNDO-LOG`, started by the runner, outliving it.

It says `ready` on its standard output, then only listens: words of the runner on its standard input, the runner's
death on a pidfd. It writes to its standard error (`watchdog.log` in the state folder) when something matters. The
thread that undoes waits for no disk: what it says and tells is written by others, which are started before `ready`.
"""

import logging
import os
import signal
import sys
import threading
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chaoslib_ext.descriptors import FILES, Reserve
from chaoslib_ext.errors import ExtError, RecordNotWritable, UndoError
from chaoslib_ext.undo.log import DISK, UndoLog
from chaoslib_ext.undo.presence import WATCHDOG
from chaoslib_ext.undo.watchdog import Watchdog, death_of
from chaoslib_ext.worker import Worker

from . import undoers

if TYPE_CHECKING:
    from chaoslib_ext.model import UndoResult
    from chaoslib_ext.undo.lines import Header, Intent
    from chaoslib_ext.undo.replay import OnResult, Undoers

__all__ = ["main"]

_AGAIN = 1.0
"""Seconds until a record that could not be written is tried again, while its run goes on."""

_AT_MOST = 120.0
"""Seconds that a record which hangs is waited for once all is undone; the next run closes it then."""

_NOTES = Worker("notes")
_RECORD = Worker("record writer")

_logger = logging.getLogger("chaostoolkit")


def main(path: str) -> int:
    """Watch the run whose undo log lies at `path`, until it is closed, dead and undone, or gone already."""
    _be_deaf_to_signals()
    log = UndoLog(Path(path))
    logging.basicConfig(
        format=f"%(asctime)s {log.run} watchdog[%(process)d] %(message)s", level=logging.WARNING, handlers=[_Notes()]
    )
    try:
        for worker in (_NOTES, DISK, _RECORD):  # now: when there is something to undo, no thread may be to be had
            worker.start()
    except RuntimeError as error:
        _logger.error("the watchdog cannot have its threads: %s", error)
        return 1
    try:
        header = log.read().header
    except UndoError as error:
        if isinstance(error.__cause__, FileNotFoundError):
            return 0  # the run was over, without a fault, before we were up
        _logger.error("%s", error)
        return 1
    if header is None:
        return 1
    death = death_of(header.owner)
    try:
        log.be_there(WATCHDOG)
    except UndoError as error:
        _logger.error("%s", error)
        return 1
    _say_ready()
    teller = _Teller(log, header)
    watchdog = Watchdog(
        log,
        _drivers,
        control=0,
        on_result=teller.on_result,
        after=teller.after,
        on_lapse=teller.on_lapse,
        make_room=Reserve(FILES).free,
        lease_s=header.lease_s,
    )
    try:
        watchdog.watch(death)
    finally:
        teller.close()
        _NOTES.flush(1.0)
    return 0


class _Notes(logging.Handler):
    """Lines for standard error, which is a file that may lie on a disk that hangs."""

    def emit(self, record: logging.LogRecord) -> None:
        line = self.format(record)
        _NOTES.later(lambda: print(line, file=sys.stderr, flush=True))


def _drivers() -> "Undoers":
    """Load all that undoing and telling takes: after a death there is no time for it."""
    import chaoslib_ext.record.rebuild
    import chaoslib_ext.record.record
    import chaoslib_ext.undo.replay  # noqa: F401

    from . import told, unfinished  # noqa: F401

    return undoers.load()


def _be_deaf_to_signals() -> None:
    """A terminal's Ctrl-C and hang-up, and a stop of the whole group, must not stop the one who cleans up."""

    def note(number: int, frame: object) -> None:
        _logger.warning("%s ignored: I leave when the run is over and clean", signal.Signals(number).name)

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, note)


def _say_ready() -> None:
    told, null = os.dup(1), os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 1)
    os.close(null)
    try:
        os.write(told, b"ready\n")
    except BrokenPipeError:
        pass  # the runner died before we were up: all the more reason to stay
    os.close(told)


class _Teller:
    """Tells the record, if the run has one. A record that cannot be written neither stops nor delays an undo: a thread
    of its own does all of it. That thread waits for a runner that was stopped while it held the record's lock.
    """

    def __init__(self, log: UndoLog, header: "Header") -> None:
        self._log = log
        self._header = header
        self._died = False
        self._lapsed = False
        self._has_told = False
        self._over = threading.Event()

    def close(self) -> None:
        """Wait until all is told, but not for ever; behind the runner's seal it takes a new one."""
        self._over.set()
        if self._has_told:
            _RECORD.later(self._seal_anew)
        if not _RECORD.flush(_AT_MOST):
            _logger.error(
                "the record %s could not be finished: its disk has not answered within %g s; once it answers, the next "
                "chaos run closes it",
                self._header.record,
                _AT_MOST,
            )

    def _seal_anew(self) -> None:
        from .unfinished import seal_anew

        try:
            seal_anew(Path(str(self._header.record)), "watchdog")
        except Exception as error:
            _logger.error("the record %s could not be sealed again: %s", self._header.record, error)

    def on_result(self, reason: str) -> "OnResult":
        def tell(intent: "Intent", result: "UndoResult") -> None:
            from .told import undone

            if reason == "death":
                self._tell_death()
            if reason == "lease":
                self.on_lapse(self._log.known.why_lapsed)
            self._append(*undone(intent, result, by="watchdog", reason=reason))
            if result.status == "failed":
                _logger.error("%s failed: %s; by hand: %s", result.says, result.error, result.by_hand)

        return tell

    def on_lapse(self, why: str) -> None:
        """The runner hung, as `why` says."""
        if not self._lapsed:
            self._lapsed = True
            self._append("lease.lapsed", {"pid": self._header.owner.pid, "says": why, "by": "watchdog"})

    def after(self, log: UndoLog, results: "list[UndoResult]", last: bool) -> None:
        """The runner is dead and its faults are (or could not be) undone: close the record and make it readable."""
        self._over.set()
        self._tell_death()
        if self._header.record is not None:
            _RECORD.later(partial(self._finish, Path(self._header.record), last))

    def _finish(self, folder: Path, last: bool) -> None:
        try:
            from chaoslib_ext.record.rebuild import rebuild, seal

            if last:
                with self._record() as record:
                    seal(record, "watchdog")
            else:
                rebuild(folder)
        except Exception as error:
            _logger.error("the record %s could not be finished: %s", folder, error)

    def _tell_death(self) -> None:
        if not self._died:
            self._died = True
            self._append("run.died", {"pid": self._header.owner.pid, "by": "watchdog"})

    def _was_finished(self) -> bool:
        """True if the runner recorded `run.finished` before it died."""
        from chaoslib_ext.record.read import events

        try:
            return any(event["kind"] == "run.finished" for event in events(Path(str(self._header.record))))
        except ExtError:
            return False

    def _append(self, kind: str, data: dict[str, Any]) -> None:
        if self._header.record is not None:
            self._has_told = True
            _RECORD.later(partial(self._write, kind, data))

    def _write(self, kind: str, data: dict[str, Any]) -> None:
        while True:
            is_last = self._over.is_set()
            try:
                if kind == "run.died" and self._was_finished():
                    return
                with self._record() as record:
                    record.append(kind, data, actor="watchdog")
                return
            except RecordNotWritable as error:
                if not is_last:
                    self._over.wait(_AGAIN)
                    continue
                _logger.error("the record %s could not take %s: %s", self._header.record, kind, error)
                return
            except Exception as error:
                _logger.error("the record %s could not take %s: %s", self._header.record, kind, error)
                return

    def _record(self) -> Any:
        from chaoslib_ext.record.record import Record

        return closing(Record.open(Path(str(self._header.record)), within=_AT_MOST))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
