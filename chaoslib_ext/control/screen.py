"""What a person sees while a run goes on: one line a phase, on stdout, never in the way of the run.

Nothing here may stop a run: a terminal that went away is not an error, and one that does not read (Ctrl-S, a pager)
is not waited for; it gets its lines once it reads again.
"""

import os
import sys
from typing import Any

from chaoslib_ext.clean_text import Lines, cleaned, lines
from chaoslib_ext.record.redact import Redactor
from chaoslib_ext.record.story import Story, step_of
from chaoslib_ext.reports import text
from chaoslib_ext.worker import Worker

__all__ = ["Screen", "close", "complain", "flush", "hide_with"]

_LINES = Worker("screen")
_MOMENT = 1.0
"""Seconds that a line may take."""

_redactors: list[Redactor] = []


def hide_with(redactor: Redactor) -> None:
    """From now on what this redactor hides is hidden on the screen, too."""
    _redactors[:] = [redactor]


class Screen:
    """Watches a record and prints the line of each phase once it is known."""

    def __init__(self) -> None:
        self._values: dict[int, dict[str, Any]] = {}
        self._during: list[bool | None] = []

    def show(self, event: dict[str, Any]) -> None:
        """Print what this event means to a person, if anything."""
        try:
            for line in self._lines({**event, "data": cleaned(event["data"])}):
                _print(line)
        except Exception as error:  # an ornament must never cost an undo
            complain(f"(cannot show {event.get('kind')}: {error})")

    def _lines(self, event: dict[str, Any]) -> list[str]:
        kind, data = event["kind"], event["data"]
        if kind == "activity.completed":
            if data["where"] in ("before", "after"):
                self._values[data["n"]] = data["run"]
            elif data["where"] != "during" and not text.is_fault(data["run"].get("output")):
                return [text.step_line(step_of(data["where"], data["run"]))]
        elif kind in ("hypothesis.before", "hypothesis.after"):
            return text.hypothesis_lines(kind.removeprefix("hypothesis."), data, self._values)
        elif kind == "hypothesis.during":
            self._during.append(data["steady_state_met"])
        elif kind == "hypothesis.during_ended" and self._during:
            return [text.during_line(len(self._during), self._during.count(False))]
        elif kind == "server.found":
            return [text.server_line(data)]
        elif kind == "fault.measured":
            return [text.fault_line(data)]
        elif kind == "recovery.sampled" and data["n"] == 1 and not data["met"]:
            return [f" recovery     waiting for the steady state to come back: {data['missed']}"]
        elif kind == "recovery.completed":
            return [text.recovery_line(data)]
        elif kind in ("fault.undone", "fault.undo_failed"):
            return [text.undo_line(data)]
        elif kind == "fault.remeasured" and data["measured"] is False:
            return [text.undo_line({"says": f"undo {data['id']}", "verified": True, **data})]
        return []


def close(story: Story) -> None:
    """Print the verdict, where the record is, and what to do next."""
    for line in text.closing_lines(story):
        _print(line)


def complain(message: str) -> None:
    """Print to stderr, on one line unless the message is an error's of ours."""
    parts = message.split("\n") if isinstance(message, Lines) else [message]
    _print(lines(*map(_hidden, parts)), error=True)


def _hidden(text: str) -> str:
    for redactor in _redactors:
        text = redactor.text(text)
    return text


def flush() -> None:
    """Wait until the screen has read it all: when all is undone, and no longer than a person likes."""
    _LINES.flush()


def _print(line: str, *, error: bool = False) -> None:
    line = _hidden(line)
    _LINES.later_but_wait(lambda: _put(line, error=error), _MOMENT)


def _put(line: str, *, error: bool) -> None:
    import click

    stream = sys.stderr if error else sys.stdout
    if stream is None:  # an activity, or whoever started us, took it away
        return
    try:
        is_plain = bool(os.environ.get("NO_COLOR")) or not stream.isatty()
        said = line if not is_plain else click.unstyle(line)
        try:
            click.echo(said, err=error, color=not is_plain)
        except UnicodeEncodeError as refused:  # a terminal that knows no ✓; the words matter more
            click.echo(said.encode(refused.encoding, "replace").decode(refused.encoding), err=error, color=not is_plain)
        stream.flush()
    except (OSError, ValueError):
        pass  # the reader of our output went away; the run and its undo matter more
