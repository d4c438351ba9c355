"""What ended a run, or kept it from beginning, in words: an error, or the signal that the host made an exception of."""

import sys

from chaoslib_ext.errors import ExtError

__all__ = ["BY_HOST", "GRACEFUL", "NO_ROLLBACKS", "in_words", "what_came"]

GRACEFUL = 20  # chaoslib/exit.py: leave now, play the rollbacks
NO_ROLLBACKS = 30  # the same: leave now, without rollbacks
BY_HOST = {GRACEFUL: "SIGUSR1", NO_ROLLBACKS: "SIGUSR2"}
"""Exit code -> the signal which the host ends a run by with that code."""


def in_words(error: Exception) -> str:
    """Ours say what to do; any other is a mistake of ours."""
    if isinstance(error, ExtError):
        return str(error)
    return f"the control failed: {type(error).__name__}: {error}; please report it"


def what_came() -> str:
    """The name of the signal that the host turned into the exception on its way; or an activity raised it itself."""
    error = sys.exc_info()[1]
    if not isinstance(error, SystemExit):
        return "SIGINT"
    code = error.code if isinstance(error.code, int) else 0
    return BY_HOST.get(code, f"an activity that called sys.exit({error.code!r})")
