"""What commands do in passing when dead runs have left faults: finish the job, and say one line for each, on stderr."""

from typing import TYPE_CHECKING

from ._say import say

if TYPE_CHECKING:
    from chaoslib_ext.faults.leftovers import Undone

__all__ = ["finish_what_is_left"]


def finish_what_is_left() -> "list[Undone]":
    """Undo what dead runs left that no watchdog is at, and say what became of it."""
    from chaoslib_ext.faults.aftermath import finish, in_words

    done = finish()
    for one in done:
        say(in_words(one), err=True)
    return done
