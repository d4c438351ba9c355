"""Each event of the host becomes one of ours, durable before the run goes on.

The host ignores whatever a handler raises, short of SystemExit. So what must not go wrong silently (no record, a
target that does not exist) refuses the run, and a record that breaks during the run ends it like a signal would.
"""

import sys
import traceback
from typing import Any

from chaoslib.run import RunEventHandler

from chaoslib_ext.record.outcome import why_not_done

from .activities import Activities
from .limits import Limits
from .session import Session
from .undo_first import undo_first

__all__ = ["Listener", "current", "listen"]

_current: "Listener | None" = None


def listen(event_registry: Any, source: str | None = None) -> "Listener":
    """Put one listener on the registry, however often the control is declared."""
    global _current
    for handler in event_registry.handlers:
        if isinstance(handler, Listener):
            return handler
    _current = Listener(source)
    event_registry.register(_current)
    return _current


def current() -> "Listener | None":
    """The listener of the run that is on."""
    return _current


class Listener(RunEventHandler):  # type: ignore[misc]
    """The host's events, in the order in which it may fire them."""

    def __init__(self, source: str | None = None) -> None:
        self._activities = Activities()
        self._session = Session(source, lambda: self._activities.in_background)
        self._limits = Limits()
        self._session.others.install()

    def running(
        self,
        experiment: dict[str, Any],
        journal: dict[str, Any],
        configuration: dict[str, Any],
        secrets: dict[str, Any],
        schedule: Any,
        settings: dict[str, Any],
    ) -> None:
        """Open the record, arm the watchdog, look whether every fault can go in; else the run is refused."""
        self._session.begin(experiment, journal, configuration, secrets, settings)

    def refuse_if_needed(self) -> None:
        """Raise the host's InterruptExecution when the run must not begin."""
        from chaoslib.exceptions import InterruptExecution

        if self._session.refused:
            raise InterruptExecution("The run was refused for the reason above; nothing was injected.")

    def start_hypothesis_before(self, experiment: dict[str, Any]) -> None:
        """The steady state is sampled before the method."""
        self._session.stop_if_refused()
        self._session.was_asked_before = True
        self._activities.enter("before")
        self._session.note("hypothesis.started", {"when": "before"})

    def hypothesis_before_completed(
        self, experiment: dict[str, Any], state: dict[str, Any] | None, journal: dict[str, Any]
    ) -> None:
        """It was, and was met or not."""
        self._session.note("hypothesis.before", self._activities.state(state))

    def start_continuous_hypothesis(self, frequency: int) -> None:
        """A thread of its own samples it during the method."""
        self._activities.during_here()
        self._session.note("hypothesis.started", {"when": "during", "every_s": frequency})

    def continuous_hypothesis_iteration(self, iteration_index: int, state: dict[str, Any] | None) -> None:
        """One sample of it."""
        self._session.note("hypothesis.during", {"iteration": iteration_index, **self._activities.state(state)})

    def continuous_hypothesis_completed(
        self, experiment: dict[str, Any], journal: dict[str, Any], exception: Exception | None = None
    ) -> None:
        """That thread is done, or died."""
        self._session.note("hypothesis.during_ended", {"error": repr(exception) if exception else None})
        if self._activities.phase == "method":
            self._session.sampling_ended(journal, exception)

    def start_method(self, experiment: dict[str, Any]) -> None:
        """The method begins, if the guards let it."""
        self._session.begin_method()
        self._activities.enter("method")
        self._session.note("method.started", {})

    def method_completed(self, experiment: dict[str, Any], state: Any = None) -> None:
        """The method ended; without a state it was cut short."""
        self._session.note("method.completed", {"cut_short": state is None})

    def start_hypothesis_after(self, experiment: dict[str, Any]) -> None:
        """The steady state is sampled after the method."""
        self._activities.enter("after")
        self._session.note("hypothesis.started", {"when": "after"})

    def hypothesis_after_completed(
        self, experiment: dict[str, Any], state: dict[str, Any] | None, journal: dict[str, Any]
    ) -> None:
        """It was, and was met or not."""
        self._session.note("hypothesis.after", self._activities.state(state))

    def start_rollbacks(self, experiment: dict[str, Any]) -> None:
        """The experiment's own rollbacks begin."""
        self._session.begin_rollbacks()
        self._activities.enter("rollbacks")
        self._session.note("rollbacks.started", {})

    def rollbacks_completed(self, experiment: dict[str, Any], journal: dict[str, Any]) -> None:
        """They ended."""
        self._session.note("rollbacks.completed", {})

    def start_activity(self, activity: dict[str, Any]) -> None:
        """A probe or an action starts, in any thread."""
        number, where = self._activities.begin()
        self._session.note("activity.started", {"n": number, "where": where, "activity": activity})
        if where == "method":
            self._session.before_activity(activity)
        late = self._session.cut_rollback if where == "rollbacks" else self._session.stop
        self._limits.begin(number, activity, late)

    def activity_completed(self, activity: dict[str, Any], run: dict[str, Any]) -> None:
        """It ended; whether its value is tolerated is told with the hypothesis.

        The host leaves status and reason out when what ended it was not a plain failure; readers stumble over that.
        Raises what ends the run.
        """
        error = None
        if "status" not in run:
            error = sys.exc_info()[1]
            run["status"] = "failed"
            run["exception"] = traceback.format_exception_only(error) if error else ["it did not end"]
        number, where = self._activities.end(run)
        why = self._limits.end(number)
        if why is None and run["status"] == "succeeded":
            why = why_not_done(activity, run.get("output"))
        if why:
            run["status"], run["exception"] = "failed", [why]
        if where == "method" and run["status"] == "succeeded" and "tolerance" in activity:
            run["tolerance_met"] = self._session.tolerates(activity, run.get("output"))
        self._session.note("activity.completed", {"n": number, "where": where, "run": run})
        if error is not None and not isinstance(error, Exception):
            raise error  # the end of the run: else the host would first make the pause after this activity

    def interrupted(self, experiment: dict[str, Any], journal: dict[str, Any]) -> None:
        """A control or an activity stopped the run."""
        undo_first(self._session)
        self._session.note("run.interrupted", {})

    def signal_exit(self) -> None:
        """Ctrl-C or a signal ends the run."""
        self._session.signalled()

    def finish(self, journal: dict[str, Any]) -> None:
        """Whatever happened: undo, judge, seal, say so."""
        self._session.finish(journal)
