"""The process that plays what is left of a run's own rollbacks: `python -m chaoslib_ext.guests.play RUN`.

A process of its own, because this is other people's code: it may hang, crash or leave, and the one who undoes (runner,
watchdog, a person's `chaos undo`) must not. Each rollback is tried once, whatever became of the one before, and its
result is on the disk before the next begins. That it begins is there before, too: one that takes its process along is
begun twice (it may have been killed with the machine), and never a third time. Pauses around them are left out: they
pace a run, and there is none. An activity's own `timeout` is kept. What they print goes into `rollbacks.log`, without
secrets.
"""

import os
import sys
import traceback
from contextlib import redirect_stderr, redirect_stdout
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

from chaoslib_ext.clock import SYSTEM
from chaoslib_ext.errors import ExtError
from chaoslib_ext.record.encode import plain
from chaoslib_ext.record.outcome import why_not_done
from chaoslib_ext.record.record import Record
from chaoslib_ext.record.redact import Redactor

from .kept import UNTOLD, Kept, keep, read
from .time_limit import TooLate, within

__all__ = ["main"]

_ACTOR = "rollbacks"
_TIMES = 2


def main(run: str) -> int:
    """Play what is pending; 0 when all was tried, whatever came of it, UNTOLD when that could not be kept."""
    kept = read(run)
    if kept is None:
        return 0
    sys.path[:0] = [one for one in kept.path if one not in sys.path]
    if os.path.isdir(kept.folder):
        os.chdir(kept.folder)
    secrets = _secrets(kept)
    redactor = Redactor()
    redactor.learn(secrets)
    redactor.learn_telling(kept.configuration)
    teller = _Teller(kept, redactor)
    is_told = True
    with redirect_stdout(_Hiding(sys.stdout, redactor)), redirect_stderr(_Hiding(sys.stderr, redactor)):
        for number in kept.pending:
            activity, times = kept.rollbacks[number], kept.begun.get(number, 0) + 1
            kept = kept.model_copy(update={"begun": {**kept.begun, number: times}})
            _is_kept(kept)
            done = _played(activity, kept.configuration, secrets) if times <= _TIMES else _given_up(activity)
            played = redactor.hidden(plain(done))
            teller.tell(played)
            kept = kept.model_copy(update={"results": {**kept.results, number: played}})
            is_told = _is_kept(kept)
    return 0 if is_told else UNTOLD


def _is_kept(kept: Kept) -> bool:
    """Keep it; on a full disk the rest is played all the same, for that matters more."""
    try:
        keep(kept)
        return True
    except ExtError as error:
        print(error, file=sys.stderr)
        return False


def _secrets(kept: Kept) -> Any:
    from chaoslib.secret import load_secrets

    try:
        return load_secrets(kept.secrets, kept.configuration)
    except Exception as error:  # a variable that is not set here: those that need it fail, the others are played
        print(f"secrets could not be loaded: {type(error).__name__}: {error}", file=sys.stderr)
        return {}


def _played(activity: dict[str, Any], configuration: Any, secrets: Any) -> dict[str, Any]:
    """One activity, in the form of the host's journal (chaoslib/activity.py, `execute_activity`)."""
    from chaoslib.activity import run_activity

    start = SYSTEM.wall()
    run: dict[str, Any] = {"activity": activity, "output": None}
    try:
        if "provider" not in activity:
            raise ExtError(f'no activity is called "{activity.get("ref")}"')
        with within(activity):
            run["output"] = run_activity(activity, configuration, secrets)
        run["status"] = "succeeded"
        if why := why_not_done(activity, run["output"]):
            run["status"], run["exception"] = "failed", [why]
    except BaseException as error:  # SystemExit of a stranger's function included
        run["status"] = "failed"
        run["exception"] = [str(error)] if isinstance(error, TooLate) else traceback.format_exception_only(error)
    return {**run, **_times(start)}


def _given_up(activity: dict[str, Any]) -> dict[str, Any]:
    why = f"its process died in the middle, each of the {_TIMES} times it was played"
    return {"activity": activity, "output": None, "status": "failed", "exception": [why], **_times(SYSTEM.wall())}


def _times(start: datetime) -> dict[str, Any]:
    end = SYSTEM.wall()
    return {"start": start.isoformat(), "end": end.isoformat(), "duration": (end - start).total_seconds()}


class _Hiding:
    """A stream without secrets."""

    def __init__(self, stream: TextIO, redactor: Redactor) -> None:
        self._stream = stream
        self._redactor = redactor

    def write(self, text: str) -> int:
        """What is written at once; a secret in two pieces is not seen."""
        return self._stream.write(self._redactor.text(text))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


class _Teller:
    """Tells the record, if the run has one and it takes it; what is played counts more."""

    def __init__(self, kept: Kept, redactor: Redactor) -> None:
        self._record: Record | None = None
        try:
            if kept.record:
                self._record = Record.open(Path(kept.record), redactor=redactor)
                self._count = self._last_number(Path(kept.record))
        except ExtError as error:
            print(error, file=sys.stderr)

    def tell(self, run: dict[str, Any]) -> None:
        """Two events, as of any activity."""
        if self._record is None:
            return
        self._count += 1
        told = {"n": self._count, "where": "rollbacks"}
        try:
            self._record.append("activity.started", {**told, "activity": run["activity"]}, _ACTOR)
            self._record.append("activity.completed", {**told, "run": run}, _ACTOR)
        except ExtError as error:
            print(error, file=sys.stderr)

    @staticmethod
    def _last_number(folder: Path) -> int:
        from chaoslib_ext.record.read import events

        numbers = (event["data"].get("n", 0) for event in events(folder) if event["kind"] == "activity.started")
        return max(numbers, default=0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
