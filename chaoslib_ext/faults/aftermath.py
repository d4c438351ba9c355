"""After a crash of everything (a reboot, a container that was stopped) somebody must finish the job: whoever comes
first.

`chaos run`, `proxy`, `lab`, `live` and `doctor` do it in passing; `chaos undo --all` when it is told to. Only runs that
are known to be dead and that no watchdog is at: those are undone as by hand, and one line is said.
"""

from chaoslib_ext.errors import ExtError

from .leftovers import Leftover, Undone, close_done, leftovers, undone

__all__ = ["finish", "in_words"]


def finish() -> list[Undone]:
    """Undo what dead runs left and nobody attends to. Never raises; one try each, for who calls has other work."""
    try:
        found, _ = leftovers()
    except (ExtError, OSError):  # what cannot be read is for `chaos undo` to say
        return []
    done = [undone(one, reason="found dead", pauses=()) for one in found if _is_forsaken(one)]
    close_done()
    return done


def _is_forsaken(one: Leftover) -> bool:
    return not one.is_elsewhere and not one.is_attended


def in_words(done: Undone) -> str:
    """One line for people."""
    head = done.leftover.header
    who = f"run {head.run}{f' {head.title!r}' if head.title else ''}, dead since before this"
    if done.is_clean:
        faults = len(done.results)
        what = "1 fault" if faults == 1 else f"{faults} faults"
        return f"Finished {who}: {what} undone and read back" if faults else f"Finished {who}: nothing was left"
    failed = [one for one in done.results if one.status == "failed"]
    why = done.problem or f"{failed[0].says}: {failed[0].error}"
    return f"{who} left something that could not be undone ({why}); see: chaos undo --run {head.run}"
