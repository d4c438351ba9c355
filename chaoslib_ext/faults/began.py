"""When the run of this process began, for those who only want to know: asking begins none."""

import os
from datetime import datetime

from chaoslib_ext.errors import ProbeError, UndoError
from chaoslib_ext.undo.log import logs

__all__ = ["run_began"]


def run_began() -> datetime:
    """The moment, with its zone, from the head of the run's undo log. Raises ProbeError when no run of ours is on."""
    started = []
    for log in logs():
        try:
            state = log.read()
        except UndoError:
            continue  # written by a newer version, or gone this moment: not this run's
        if state.header and not state.closed and state.header.owner.pid == os.getpid():
            started.append(datetime.fromisoformat(state.header.started))
    if not started:
        raise ProbeError(
            "since: run is the beginning of a run, and none of ours is on; add our control to the experiment or type "
            "`chaos enable`, or give a moment or so long ago, such as 5m"
        )
    return max(started)
