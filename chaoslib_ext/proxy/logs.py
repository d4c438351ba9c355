"""The server's log: one line a change, with a time that names its zone; LOG_LEVEL says from which level on."""

import logging
import os
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from chaoslib_ext.clean_text import clean, traceback_text

__all__ = ["http_logger", "log_to"]

LEVELS = {
    "trace": logging.DEBUG,
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warn": logging.WARNING,
    "warning": logging.WARNING,
    "error": logging.ERROR,
    "fatal": logging.CRITICAL,
    "panic": logging.CRITICAL,
    "disabled": logging.CRITICAL + 1,
}


class _Zoned(logging.Formatter):
    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:
        return datetime.fromtimestamp(record.created).astimezone().isoformat(timespec="milliseconds")

    def formatMessage(self, record: logging.LogRecord) -> str:
        record.message = clean(record.message)  # a proxy's name may hold anything; a line stays a line
        return super().formatMessage(record)

    def formatException(self, exc_info: Any) -> str:
        return traceback_text(exc_info[1])


class _NoTraceback(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        if record.exc_info:
            record.msg, record.args = "%s: %s", (record.getMessage(), record.exc_info[1])
            record.exc_info, record.levelno, record.levelname = None, logging.DEBUG, "DEBUG"
        return logging.getLogger("chaoslib_ext.proxy").isEnabledFor(record.levelno)


def http_logger() -> logging.Logger:
    """For the HTTP library: what a client sends wrong is its own affair, one line at level debug."""
    logger = logging.getLogger("chaoslib_ext.proxy.http")
    if not logger.filters:
        logger.addFilter(_NoTraceback())
    return logger


def log_to(file: Path | None) -> None:
    """Send the server's log to a file, or to stderr."""
    handler = logging.FileHandler(file) if file else logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Zoned("%(asctime)s %(levelname)s %(message)s"))
    logger = logging.getLogger("chaoslib_ext.proxy")
    logger.handlers[:] = [handler]
    logger.propagate = False
    wanted = os.environ.get("LOG_LEVEL", "info").lower()
    logger.setLevel(LEVELS.get(wanted, logging.INFO))
    if wanted not in LEVELS:
        logger.warning("LOG_LEVEL %r is not known (known: %s); using info", wanted, ", ".join(LEVELS))
