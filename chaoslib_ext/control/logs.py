"""The host's own log, on the screen and in `chaostoolkit.log`, without secrets while a run of ours goes on.

The host writes what activities return, the arguments of processes and whole tracebacks into it (chaoslib/activity.py,
chaoslib/provider/process.py), at level debug and by default. It begins before a run does: dynamic configuration is
asked with every secret known. So what an experiment says of its secrets is looked up once it is loaded, as far as the
environment has it; what only a vault knows is hidden from the run's beginning.
"""

import logging
import os
from typing import Any

from chaoslib_ext.clean_text import traceback_text
from chaoslib_ext.record.redact import Redactor
from chaoslib_ext.worker import Worker

__all__ = ["hide_declared", "hide_secrets", "wait_for_no_log"]


class _Hiding(logging.Filter):
    """Rewrites each line before any handler has formatted it; never keeps one from being logged."""

    def __init__(self, redactor: Redactor) -> None:
        super().__init__()
        self._redactor = redactor

    def filter(self, record: logging.LogRecord) -> bool:
        try:
            record.msg, record.args = self._redactor.text(record.getMessage()), None
        except Exception:  # a line whose arguments do not fit: the handler says so itself
            return True
        if record.exc_info and record.exc_info[1]:
            record.exc_text = traceback_text(record.exc_info[1])
            record.exc_info = None
        if record.exc_text:
            record.exc_text = self._redactor.text(record.exc_text)
        return True


def hide_declared(experiment: Any) -> None:
    """Hide what the experiment's secrets and configuration declare, before the host has resolved them."""
    if not isinstance(experiment, dict):
        return
    redactor = Redactor()
    redactor.learn(_resolved(experiment.get("secrets")))
    configuration = experiment.get("configuration")
    if isinstance(configuration, dict):
        redactor.learn_telling({name: _resolved(value) for name, value in configuration.items()})
    hide_secrets(redactor)


def _resolved(declared: Any) -> Any:
    """What is spelled out, and what the environment has; nothing of a vault's."""
    if not isinstance(declared, dict):
        return declared
    if declared.get("type") == "env":
        return os.environ.get(str(declared.get("key")), declared.get("default"))
    if declared.get("type") in ("vault", "probe"):
        return None
    return {name: _resolved(value) for name, value in declared.items()}


def hide_secrets(redactor: Redactor) -> None:
    """From now on, for this process: every handler of the host's logger and of the root."""
    filter = _Hiding(redactor)
    for logger in (logging.getLogger("chaostoolkit"), logging.getLogger()):
        for handler in logger.handlers:
            handler.addFilter(filter)


def wait_for_no_log() -> None:
    """From now on a line of the host's log that cannot be written (a disk that hangs, a screen that does not read)
    holds the run up for a moment only, once.
    """
    logger = logging.getLogger("chaostoolkit")
    logger.handlers[:] = [one if isinstance(one, _InTime) else _InTime(one) for one in logger.handlers]


class _InTime(logging.Handler):
    """Hands each line to a thread. What cannot be written now is written later, in its order."""

    def __init__(self, handler: logging.Handler) -> None:
        super().__init__(handler.level)
        self._handler = handler
        self._worker = Worker("log")

    def emit(self, record: logging.LogRecord) -> None:
        self._worker.later_but_wait(lambda: self._handler.handle(record), _MOMENT)

    def flush(self) -> None:
        self._worker.flush(0 if self._worker.is_stuck else _MOMENT)


_MOMENT = 1.0
