"""The host's own log, on the screen and in `chaostoolkit.log`, without secrets while a run of ours goes on.

The host writes what activities return, the arguments of processes and whole tracebacks into it (chaoslib/activity.py,
chaoslib/provider/process.py), at level debug and by default. What was logged before a run begins is not ours to change.
"""

import logging

from chaoslib_ext.record.redact import Redactor

__all__ = ["hide_secrets"]

_FORMATTER = logging.Formatter()


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
        if record.exc_info:
            record.exc_text = _FORMATTER.formatException(record.exc_info)
            record.exc_info = None
        if record.exc_text:
            record.exc_text = self._redactor.text(record.exc_text)
        return True


def hide_secrets(redactor: Redactor) -> None:
    """From now on, for this process: every handler of the host's logger and of the root."""
    filter = _Hiding(redactor)
    for logger in (logging.getLogger("chaostoolkit"), logging.getLogger()):
        for handler in logger.handlers:
            handler.addFilter(filter)
