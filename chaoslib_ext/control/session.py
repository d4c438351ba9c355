"""One run from our side: its record, its faults' run and its signals, from the first event to the seal."""

import atexit
import contextlib
import logging
import os
import platform
import sys
import threading
from dataclasses import asdict
from typing import Any

from chaoslib.exceptions import InterruptExecution

from chaoslib_ext.clock import SYSTEM
from chaoslib_ext.errors import ExtError, RecordError
from chaoslib_ext.faults.run import begin  # its own atexit comes first here, so that it runs after ours
from chaoslib_ext.faults.unfinished import close_dead
from chaoslib_ext.proxy import credentials
from chaoslib_ext.record.record import Record
from chaoslib_ext.undo.crash_safety import crash_safety
from chaoslib_ext.undo.owner import Owner

from . import screen
from .facts import facts, source_of
from .signals import Signals, deferred

__all__ = ["Session"]

_NO_ROLLBACKS = 30  # chaoslib/exit.py: leave now, without rollbacks
_BY_HOST = {20: "SIGUSR1", _NO_ROLLBACKS: "SIGUSR2"}
"""Exit code -> the signal which the host ends a run by with that code."""

_logger = logging.getLogger("chaostoolkit")


class Session:
    """Made when the control is configured, begun by `running`, ended by `finish`."""

    def __init__(self, source: str | None = None) -> None:
        self.refused: list[str] = []
        self.record: Record | None = None
        self.run: Any = None
        self.signals = Signals()
        self.is_dry = False
        self.source = source_of(source)
        self.journal: dict[str, Any] = {}
        self.started = SYSTEM.monotonic()
        self.broken: str | None = None
        self.is_finished = False
        self.evidence: list[dict[str, Any]] = []
        self._screen = screen.Screen()
        self._mutex = threading.Lock()
        self._pid = os.getpid()

    def begin(
        self,
        experiment: dict[str, Any],
        journal: dict[str, Any],
        configuration: dict[str, Any],
        secrets: dict[str, Any],
        settings: dict[str, Any],
    ) -> None:
        """Set up everything, or refuse with the reason; what it raises ends the process: the host ignores the rest."""
        self.journal = journal
        settings.setdefault("runtime", {}).setdefault("rollbacks", {})["strategy"] = "always"
        try:
            self._begin(experiment, journal, configuration, secrets)
        except KeyboardInterrupt:
            self.signals.seen.append("Ctrl-C")
            raise
        except InterruptExecution as error:  # what the host makes of SIGTERM, until our own handler stands
            self.signals.seen.append("SIGTERM")
            raise SystemExit(1) from error
        except ExtError as error:
            self.refused.append(str(error))
        except Exception as error:
            self.refused.append(f"the control failed: {type(error).__name__}: {error}; please report it")
        if self.refused:
            settings["runtime"]["rollbacks"]["strategy"] = "never"  # nothing was done, so nothing is rolled back
            self._say_refused()
        self.signals.install()

    def _begin(
        self,
        experiment: dict[str, Any],
        journal: dict[str, Any],
        configuration: dict[str, Any],
        secrets: dict[str, Any],
    ) -> None:
        from . import ending  # noqa: F401 (now: an activity may leave no file to be opened, and the end needs it)
        from .preflight import dry_mode, frozen, problems, server, without_value

        self.is_dry = dry_mode(experiment) is not None
        title = str(experiment.get("title", ""))
        hidden = {"experiment": secrets, "toxiproxy": {"password": credentials.secret()}}
        self.record = Record.create(title, secrets=hidden, owner={**asdict(Owner.this()), "host": platform.node()})
        self.record.watch = self._watch
        atexit.register(self._at_exit)
        try:
            self.run = begin(self.record, title=title)  # at once: from here on somebody closes the record if we die
            self.run.on_lapse = self._lapsed
        except ExtError as error:
            self.refused.append(str(error))
        begun = {name: journal[name] for name in ("chaoslib-version", "platform", "node", "experiment", "start")}
        self.record.append("run.started", {**facts(experiment, self.source), "journal": begun})
        self.record.append("run.crash_safety", crash_safety().as_json())
        self.refused += frozen(experiment)
        if not self.refused:
            self.refused += without_value(experiment, configuration, self.source)
            self.refused += problems(experiment, configuration, secrets, self.source)
        if self.refused:
            return
        found = server(experiment)
        if found:
            self.record.append("server.found", found)
        close_dead()

    def _watch(self, event: dict[str, Any]) -> None:
        """Each event of this process, faults' own ones included, once it is written."""
        if event["kind"] == "fault.measured":
            self.evidence.append(event["data"])
        self._screen.show(event)

    def note(self, kind: str, data: dict[str, Any]) -> None:
        """Write one event; a record that can no longer be written ends the run. After its end: nothing happens."""
        if self.record is None or self.broken or not self._is_on(kind):
            return
        try:
            self.record.append(kind, data)
        except RecordError as error:
            if self._is_on(kind):
                self._break_off(str(error))
        except Exception as error:  # the host would swallow it, and the run would go on unrecorded
            self._break_off(f"the control failed at {kind}: {type(error).__name__}: {error}; please report it")

    def _is_on(self, kind: str) -> bool:
        """Is this the process of the run, not a forked child of it, and has it not ended?"""
        if self._is_ours and not self.is_finished:
            return True
        _logger.debug("%s is not recorded: it comes from a forked child, or after the end of the run", kind)
        return False

    @property
    def _is_ours(self) -> bool:
        return self._pid == os.getpid()

    def _break_off(self, message: str) -> None:
        with self._mutex:
            if self.broken:
                return
            self.broken = message
        if self.record:
            self.record.lost.append(message)
        self._end(f"{message}\nThe run ends here, because it can no longer be recorded; what it did is undone.")

    def _lapsed(self, message: str) -> None:
        """This process hung, and its faults are gone: what it measures from here on means nothing."""
        if not self.is_finished:
            self._end(f"{message}. The run ends here.")

    def _end(self, message: str) -> None:
        from chaoslib.exit import exit_gracefully

        screen.complain(message)
        exit_gracefully()

    def signalled(self) -> None:
        """A signal ended the run; the host says so only after it happened."""
        if self.broken or not self._is_ours:
            return
        if not self.signals.seen:
            self.signals.seen.append(_what_came())
        self.note("signal", {"names": list(self.signals.seen)})

    def stop_if_refused(self) -> None:
        """The second line of defence, where no hook of the control was called: SystemExit ends the run."""
        if self.refused:
            raise SystemExit(_NO_ROLLBACKS)

    def _say_refused(self) -> None:
        for problem in self.refused:
            screen.complain(self.record.redactor.text(problem) if self.record else problem)
        screen.complain("Nothing was injected.")
        self.note("run.refused", {"problems": self.refused})

    def finish(self, journal: dict[str, Any]) -> None:
        """Undo, judge, seal and say so, once; signals wait meanwhile."""
        from .ending import end

        if self.is_finished or not self._is_ours:
            return
        with deferred():  # before it counts as finished: a signal in between would leave it for ever unfinished
            self.is_finished = True
            try:
                end(self, journal)
            except Exception as error:  # the host would swallow it, and exit with 0
                journal["status"] = "failed"
                screen.complain(f"the end of the run failed: {type(error).__name__}: {error}; see `chaos undo --all`")

    def _at_exit(self) -> None:
        """The process ends and the host never came to its `finish`."""
        if self.is_finished or not self._is_ours:
            return
        if not self.signals.seen and not self.refused:
            self.signals.seen.append("its process's end")
        with contextlib.suppress(SystemExit):
            self.finish(self.journal)


def _what_came() -> str:
    """The name of the signal that the host turned into the exception on its way; or an activity raised it itself."""
    error = sys.exc_info()[1]
    if not isinstance(error, SystemExit):
        return "SIGINT"
    code = error.code if isinstance(error.code, int) else 0
    return _BY_HOST.get(code, f"an activity that called sys.exit({error.code!r})")
