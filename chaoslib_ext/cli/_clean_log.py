"""Keeps the host's own log, on the screen and in its file, free of what steers a terminal or forges a line.

Chaos Toolkit logs the names of activities, what they return and how they fail. Imports nothing of ours before a line
needs it: the host loads this on every `chaos` call.
"""

import logging

__all__ = ["clean_log"]


class _Clean(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the line; never keep one from being logged."""
        try:
            said = record.getMessage()
        except Exception:  # a line whose arguments do not fit: the handler says so itself
            return True
        if record.exc_info and record.exc_info[1] and not record.exc_text:
            from chaoslib_ext.clean_text import traceback_text

            record.exc_text = traceback_text(record.exc_info[1])
        if not said.isprintable():
            from chaoslib_ext.clean_text import clean

            record.msg, record.args = clean(said), None
        return True


def clean_log() -> None:
    """From now on, for all that Chaos Toolkit and its extensions log."""
    logging.getLogger("chaostoolkit").addFilter(_Clean())
