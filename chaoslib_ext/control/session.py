"""One run from our side: its record, its faults' run and its signals, from the first event to the seal."""

import atexit
import contextlib
import logging
import os
import platform
import threading
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from chaoslib.exceptions import InterruptExecution
from chaoslib.exit import exit_gracefully, exit_ungracefully

from chaoslib_ext.clock import SYSTEM
from chaoslib_ext.errors import BadInput, ExtError, RecordError
from chaoslib_ext.extension import Extension, extension_of
from chaoslib_ext.faults import permission
from chaoslib_ext.faults.identity import asked
from chaoslib_ext.faults.run import begin  # its own atexit comes first here, so that it runs after ours
from chaoslib_ext.faults.stop import PATIENCE
from chaoslib_ext.faults.unfinished import close_dead
from chaoslib_ext.folders import here
from chaoslib_ext.proxy import credentials
from chaoslib_ext.record.record import Record
from chaoslib_ext.record.verdict import REHEARSALS
from chaoslib_ext.safety.policy_place import folders_of
from chaoslib_ext.undo.crash_safety import crash_safety
from chaoslib_ext.undo.owner import Owner
from chaoslib_ext.undo.signals import be_deaf

from . import screen
from .causes import BY_HOST, GRACEFUL, NO_ROLLBACKS, in_words, what_came
from .facts import click_context, facts, source_of
from .guards import Guards
from .guests import Guests
from .journal_path import unwritable
from .logs import hide_secrets, wait_for_no_log
from .others import Others
from .sampling import is_tolerated
from .signals import Signals, deferred
from .undo_first import undo_first

__all__ = ["Session"]

_logger = logging.getLogger("chaostoolkit")


class Session:
    """Made when the control is configured, begun by `running`, ended by `finish`."""

    def __init__(self, source: str | None = None, in_background: Callable[[], bool] = lambda: False) -> None:
        """`in_background`: is an activity under way that the host would wait for?"""
        self.refused: list[str] = []
        self.record: Record | None = None
        self.run: Any = None
        self.is_on_way_back = False
        self.signals = Signals(in_background, lambda: self.is_on_way_back)
        self.others = Others(self._control_failed, lambda: undo_first(self))
        self.is_dry = False
        self._does_nothing = False
        self.source = source_of(source)
        self.journal: dict[str, Any] = {}
        self.started = SYSTEM.monotonic()
        self.broken: str | None = None
        self.is_finished = False
        self.is_host_gone = False
        self.journal_path: str | None = None
        self.evidence: list[dict[str, Any]] = []
        self.stopped: str | None = None
        self.failed_fast = False
        self.vanished: list[str] = []
        self.has_looked = False
        self.undone: dict[int, Any] = {}
        self.is_method_on = False
        self.was_asked_before = False
        self._guards: Guards | None = None
        self._guests: Guests | None = None
        self.asked = Extension()
        self.of_host: tuple[dict[str, Any], Any, Any] = ({}, {}, {})
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
        named = (click_context() or {}).get("journal_path")
        self.journal_path = os.path.abspath(named) if named else None
        self.of_host = (experiment, configuration, secrets)
        settings.setdefault("runtime", {}).setdefault("rollbacks", {})["strategy"] = "always"
        try:
            self._begin(experiment, journal, configuration, secrets, settings)
        except KeyboardInterrupt:
            self.signals.seen.append("Ctrl-C")
            raise
        except InterruptExecution as error:  # what the host makes of SIGTERM, until our own handler stands
            self.signals.seen.append("SIGTERM")
            raise SystemExit(1) from error
        except Exception as error:
            self.refused.append(in_words(error))
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
        settings: dict[str, Any],
    ) -> None:
        from chaoslib_ext.lint.local_code import local_code

        from . import ending  # noqa: F401 (now: an activity may leave no file to be opened, and the end needs it)
        from .preflight import does_nothing, dry_mode, frozen, policy, problems, server, without_value

        self.is_dry = dry_mode(experiment) in REHEARSALS
        self._does_nothing = does_nothing(experiment)
        title = str(experiment.get("title", ""))
        hidden = {"experiment": secrets, "toxiproxy": {"password": credentials.secret()}}
        self.record = Record.create(title, secrets=hidden, owner={**asdict(Owner.this()), "host": platform.node()})
        self.record.redactor.learn_telling(configuration)
        self.record.watch = self._watch
        hide_secrets(self.record.redactor)
        wait_for_no_log()
        screen.hide_with(self.record.redactor)
        atexit.register(self._at_exit)
        try:
            self.run = begin(self.record, title=title)  # at once: from here on somebody closes the record if we die
            self.run.on_lapse, self.run.on_unwatched = self._lapsed, self.stop
        except ExtError as error:
            self.refused.append(str(error))
        begun = {name: journal[name] for name in ("chaoslib-version", "platform", "node", "experiment", "start")}
        folders = (here(), *folders_of(self.source, here()))
        told = {**facts(experiment, self.source), "policy": policy(folders), "journal": begun}
        self.record.append("run.started", told)
        this = asked(experiment, configuration, secrets, local_code(experiment, configuration))
        permission.declare(permission.Declared(this, has_control=True, run=self.record.id, folders=folders))
        self.record.append("run.crash_safety", crash_safety().as_json())
        self.refused += frozen(experiment, configuration, secrets, folders)
        self.refused += [why] if (why := unwritable()) else []
        self.refused += self.others.problems(experiment, settings, _control_files())
        if not self.refused:
            self.refused += without_value(experiment, configuration, self.source)
            self.refused += problems(experiment, configuration, secrets, self.source)
            self._hear(experiment, configuration, secrets)
        if self.refused:
            return
        found = server(experiment)
        if found:
            self.record.append("server.found", found)
        close_dead()

    def _hear(self, experiment: dict[str, Any], configuration: Any, secrets: Any) -> None:
        """What the experiment says to us: its guards and its recovery."""
        try:
            self.asked = extension_of(experiment)
            guards = [] if self._does_nothing else self.asked.guards
            self._guards = Guards(guards, experiment, configuration, secrets, note=self.note, trip=self.stop)
        except BadInput as error:
            self.refused.append(str(error))

    def begin_method(self) -> None:
        """The method may begin; SystemExit when a guard says no."""
        self.stop_if_refused()
        said = self._guards.begin() if self._guards else None
        if said:
            self.stopped = said
            self.note("guard.tripped", {"says": said})
            screen.complain(said)
            raise SystemExit(NO_ROLLBACKS)
        self._keep_rollbacks()
        self.is_method_on = True

    def _keep_rollbacks(self) -> None:
        """The experiment's own rollbacks are on the disk before anything is done that they would take back."""
        if self._does_nothing or self.record is None or self.run is None:
            return
        self._guests = Guests(self.run, self.record.folder, *self.of_host[:2], self.of_host[2])
        try:
            self._guests.begin()
        except Exception as error:  # whatever it is: the host would swallow it, and the method begin all the same
            self.refused.append(in_words(error))
            self._say_refused()
            raise SystemExit(NO_ROLLBACKS) from error

    def before_activity(self, activity: dict[str, Any]) -> None:
        """An activity of anybody's starts; SystemExit when its undo is known and cannot be written."""
        if activity.get("dry") is True:
            name = activity.get("name")
            self.stop(f'a control wants "{name}" not to be done (dry: true), and the host does it all the same')
            raise SystemExit(GRACEFUL)
        if self._guests is None:
            return
        try:
            self._guests.before(activity)
        except Exception as error:  # likewise
            self.stop(in_words(error))
            raise SystemExit(GRACEFUL) from error

    def tolerates(self, activity: dict[str, Any], value: Any) -> bool:
        """Is the value of a probe of the method within the tolerance that it states? The host does not look."""
        _, configuration, secrets = self.of_host
        try:
            return is_tolerated(activity["tolerance"], value, configuration, secrets)
        except Exception:  # a value that its tolerance does not fit is not within it
            return False

    def begin_rollbacks(self) -> None:
        """Before anything is taken back: no guard may cut the way back short, and our faults go first."""
        self.is_on_way_back = True
        if self._guards:
            self._guards.end()
        undo_first(self)

    def stop(self, why: str) -> None:
        """End the run at once, from any thread, and undo it; its verdict is *aborted*."""
        if self.is_finished or self.stopped or self.is_on_way_back:
            return
        self.stopped = why
        self.note("guard.tripped", {"says": why})
        self._end(why, "The run is stopped, and what it did is undone.")

    def sampling_ended(self, journal: dict[str, Any], error: Exception | None) -> None:
        """The steady state is sampled no more though the method goes on: by fail-fast, or because the host crashed.

        The host waits for the activity under way, however long that takes.
        """
        if error is not None:
            self.stop(f"the steady state can no longer be sampled: {type(error).__name__}: {error}")
        elif journal.get("status") == "failed" and not self.stopped:
            self.failed_fast = True
            exit_gracefully()

    def cut_rollback(self, why: str) -> None:
        """A rollback takes longer than it may: end it, and play those behind it."""
        if self.is_finished:
            return
        screen.complain(f"the rollback {why}; it is given up")
        exit_ungracefully()

    def _control_failed(self, part: str, says: str, wants_end: bool) -> None:
        """A control of somebody's could not be asked: until the way back begins, that ends the run."""
        if not self._is_ours:
            return
        self.note("control.failed", {"part": part, "says": says})
        if not self.is_on_way_back:
            self.stop(says)
            return
        screen.complain(says)
        if wants_end:
            self.stopped = self.stopped or says

    def note_always(self, kind: str, data: dict[str, Any]) -> None:
        """Write one event at the end of the run, when the record is lenient."""
        if self.record:
            self.record.append(kind, data)

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
        self._end(message, "The run ends here, because it can no longer be recorded; what it did is undone.")

    def _lapsed(self, message: str) -> None:
        """This process hung, and its faults are gone: what it measures from here on means nothing."""
        if not self.is_finished:
            self._end(f"{message}. The run ends here.")

    def _end(self, *said: str) -> None:
        for line in said:
            screen.complain(line)
        # first, for a thread that is born right behind the signal may be given it in the main thread's place
        with contextlib.suppress(RuntimeError):  # no thread is to be had: an activity that goes on is waited for
            threading.Thread(target=self._undo_without_it, name="undo of what is stopped", daemon=True).start()
        exit_gracefully()

    def _undo_without_it(self) -> None:
        """An activity may not let itself be ended: the faults go while it is on, and again should it put more in."""
        be_deaf()
        while True:
            SYSTEM.sleep(PATIENCE)
            if self.is_finished or self.is_on_way_back or self.run is None:
                return
            try:
                self._undo_faults()
            except ExtError as error:  # tried again, and by the watchdog at the latest
                screen.complain(str(error))

    def _undo_faults(self) -> None:
        faults = [one.id for one in self.run.log.read().open if one.data["driver"] == "proxy" and not one.is_lock]
        if faults:
            screen.complain("An activity does not let itself be ended; the faults are undone without waiting for it.")
            self.run.undo(faults, "guard")

    def signalled(self) -> None:
        """A signal ended the run; the host says so only after it happened."""
        if not self._is_ours:
            return
        undo_first(self)
        if self.broken or self.stopped:
            return
        if self.failed_fast:
            self.journal["status"] = "failed"  # the host's own word for it
            return
        came = what_came() if not self.signals.seen else ""
        if came in BY_HOST.values():  # a control, a guard or an activity of somebody's asks for the end in this way
            self.stopped = "something in the run asked it to end (the host's exit signal)"
            self.note("guard.tripped", {"says": self.stopped})
            return
        self.signals.seen += [came] if came else []
        self.note("signal", {"names": list(self.signals.seen)})

    def stop_if_refused(self) -> None:
        """The second line of defence, where no hook of the control was called: SystemExit ends the run."""
        if self.refused:
            raise SystemExit(NO_ROLLBACKS)

    def _say_refused(self) -> None:
        for problem in self.refused:
            screen.complain(problem)
        screen.complain("Nothing was injected.")
        self.note("run.refused", {"problems": self.refused})

    def finish(self, journal: dict[str, Any]) -> None:
        """Undo, judge, seal and say so, once; signals wait meanwhile."""
        from .ending import break_off, end

        if self.is_finished or not self._is_ours:
            return
        with deferred() as came:  # before it counts as finished: a signal in between would leave it for ever unfinished
            self.is_finished = True
            try:
                self.others.restore()
                self.begin_rollbacks()
                if self._guests:
                    self._guests.settle(journal)
                end(self, journal, came)
            except Exception as error:  # the host would swallow it, and exit with 0
                journal["status"] = "failed"
                screen.complain(f"the end of the run failed: {type(error).__name__}: {error}; see `chaos undo --all`")
                break_off(self, journal, error)
        screen.flush()

    def _at_exit(self) -> None:
        """The process ends and the host never came to its `finish`."""
        if self.is_finished or not self._is_ours:
            return
        if not self.signals.seen and not self.refused:
            self.signals.seen.append("its process's end")
        self.is_host_gone = True
        with contextlib.suppress(SystemExit):
            self.finish(self.journal)


def _control_files() -> tuple[str, ...]:
    return tuple((click_context() or {}).get("control_file") or ())
