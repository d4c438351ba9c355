"""A run that was ended at once does not stay because a background activity of it still sleeps.

Python joins the threads of a pool when the process ends, so the host would go only when the activity comes to its end
(CPython 3.11, `concurrent/futures/thread.py`, `_python_exit`). All is undone, judged and written by then.
"""

import logging
import os
import sys
import threading

__all__ = ["leave_soon"]

_PATIENCE = 1.0
"""Seconds that such threads have, all together, once the host has written its own journal."""


def leave_soon() -> None:
    """When the main thread is done, wait a moment for the others, and end the process with 1: it is not green."""
    register = getattr(threading, "_register_atexit", None)  # called in reverse order: before the pools' own joining
    if register is not None:
        register(_leave)


def _leave() -> None:
    others = [one for one in threading.enumerate() if not one.daemon and one is not threading.current_thread()]
    for one in others:
        one.join(_PATIENCE / len(others))
    if any(one.is_alive() for one in others):
        logging.shutdown()
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        os._exit(1)
