"""What is done to a run at a point: the ways in which it may end, and what may go wrong around it."""

from dataclasses import dataclass
from typing import get_args

from .point import Role

__all__ = ["BOTH", "DISTURBANCES", "ENDINGS", "Ending", "named", "names"]

_RUNNER: tuple[Role, ...] = ("runner",)
_ROLES: tuple[Role, ...] = get_args(Role)


@dataclass(frozen=True)
class Ending:
    """`do` as `strike.py` reads it; `roles`: in which processes it makes sense.

    `leaves_to_command`: nobody is left, or able, to finish the job, so the next command of a person must.
    `with_faults`: only where faults are on.
    """

    name: str
    short: str
    do: tuple[str, ...]
    roles: tuple[Role, ...] = _RUNNER
    leaves_to_command: bool = False
    with_faults: bool = False


KILL = Ending("SIGKILL", "KILL", ("signal", "SIGKILL"), _ROLES)
BOTH = Ending("SIGKILL both", "KILL BOTH", ("signal", "SIGKILL", "both"), ("runner", "watchdog"), True)

ENDINGS = (
    KILL,
    Ending("SIGTERM", "TERM", ("signal", "SIGTERM"), _ROLES),
    Ending("SIGINT twice", "INT x2", ("signal", "SIGINT", "twice"), _ROLES),
    Ending("SIGHUP", "HUP", ("signal", "SIGHUP"), _ROLES),
    BOTH,
)
"""The columns of the table."""

DISTURBANCES = (
    Ending("undo log: disk full", "disk full", ("disk-full", "undo"), leaves_to_command=True),
    Ending("undo log: disk error", "disk error", ("disk-error", "undo"), leaves_to_command=True),
    Ending("record: disk full", "disk full", ("disk-full", "record"), leaves_to_command=True),
    Ending("record: disk error", "disk error", ("disk-error", "record"), leaves_to_command=True),
    Ending("server hangs", "hangs", ("server", "hang")),
    Ending("server is killed", "killed", ("server", "kill")),
    Ending("server is restarted", "restarted", ("server", "restart")),
    Ending("clock jumps a day ahead", "ahead", ("clock", "wall", "86400")),
    Ending("clock jumps a day back", "back", ("clock", "wall", "-86400")),
    Ending("machine sleeps for an hour", "sleeps", ("clock", "boot", "3600")),
    Ending("run hangs", "hangs", ("signal", "SIGSTOP")),
    Ending("watchdog is stopped", "stopped", ("stop-watchdog",), with_faults=True),
    Ending("watchdog is stopped, run is killed", "stopped", ("stop-watchdog", "SIGKILL"), _RUNNER, True, True),
    Ending("no more threads", "no threads", ("no-threads",), with_faults=True),
    Ending("no more threads, run is killed", "no threads", ("no-threads", "SIGKILL"), with_faults=True),
)
"""What goes wrong in the middle; the run itself goes on, or ends by itself."""


def names() -> list[str]:
    """Of all of them."""
    return [one.name for one in (*ENDINGS, *DISTURBANCES)]


def named(name: str) -> Ending | None:
    """The one of that name, if there is one."""
    return next((one for one in (*ENDINGS, *DISTURBANCES) if one.name == name), None)
