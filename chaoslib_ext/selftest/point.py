"""A point: one moment in a run at which it may be ended, told by what it is about to do or has just done.

`runner fsync undo/durably.py:append_whole #3 before`: in the runner, before the third fsync of that function. Kinds:
`fsync`, `rename` (also replace and link), `http` (a request to the Toxiproxy server, named by who asked for it),
`signal` (a handler is put in or taken out), `handler` (a handler of ours runs).
"""

from dataclasses import dataclass
from typing import Literal, get_args

from chaoslib_ext.errors import BadInput

__all__ = ["KINDS", "Point", "Role", "When", "parse"]

Role = Literal["runner", "watchdog", "player", "hand"]
"""Which process: the run's own, its watchdog, what plays an experiment's own rollbacks, a person's `chaos undo`."""
When = Literal["before", "after"]
KINDS = ("fsync", "rename", "http", "signal", "handler")


@dataclass(frozen=True, order=True)
class Point:
    """One call; `chain` is the way that led there through our code, innermost first (not part of its name)."""

    role: Role
    kind: str
    site: str
    """`room/file.py:Class.function`."""
    nth: int
    chain: tuple[str, ...] = ()
    seconds: float = 0.0
    """Since the first point of its run, in the run that was traced."""

    def name(self, when: When) -> str:
        """As it is typed and printed."""
        return f"{self.role} {self.kind} {self.site} #{self.nth} {when}"

    @property
    def room(self) -> str:
        """The room (or the file at the engine's root) that the site lies in."""
        return self.site.partition("/")[0].partition(":")[0]

    @property
    def path(self) -> tuple[str, ...]:
        """What makes it different from other points of the same site: who wants it done."""
        return (self.role, self.kind, *self.chain)


def parse(name: str) -> tuple[Point, When]:
    """The point of a name. Raises BadInput."""
    words = name.split()
    fits = len(words) == 5 and words[0] in get_args(Role) and words[1] in KINDS and words[3][1:].isdigit()
    if not fits or words[4] not in get_args(When):
        raise BadInput(f"{name!r} is no point; one looks like: runner fsync undo/durably.py:append_whole #3 before")
    role, kind, site, number, when = words
    return Point(role, kind, site, int(number[1:])), when  # type: ignore[arg-type, return-value]
