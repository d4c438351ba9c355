"""After a crash of everything (a reboot, a container that was stopped) somebody must finish the job: whoever comes
first.

`chaos run`, `proxy`, `lab`, `live` and `doctor` do it in passing; `chaos undo --all` when it is told to. Only runs that
are known to be dead and that no watchdog is at: those are undone as by hand, and one line is said. A watchdog that was
stopped is not at it. Of a living run that was stopped with its watchdog, what is overdue is undone (`standstill`).
"""

from chaoslib_ext.errors import ExtError

from .leftovers import Leftover, Undone, close_done, leftovers, undone
from .standstill import brought_to_its_end

__all__ = ["finish", "in_words"]


def finish() -> list[Undone]:
    """Undo what dead runs left and no watchdog attends to, and what is overdue of runs that stand still. Never raises;
    one try each, for who calls has other work.
    """
    try:
        found, _ = leftovers()
    except (ExtError, OSError):  # what cannot be read is for `chaos undo` to say
        return []
    done = [result for one in found if not one.is_elsewhere and (result := _finished(one))]
    close_done()
    return done


def _finished(one: Leftover) -> Undone | None:
    if one.is_alive:
        return brought_to_its_end(one)
    return None if one.is_attended else undone(one, reason="found dead", pauses=())


def in_words(done: Undone) -> str:
    """One line for people."""
    head = done.leftover.header
    state = "which is stopped and has no watchdog" if done.leftover.is_alive else "dead since before this"
    who = f"run {head.run}{f' {head.title!r}' if head.title else ''}, {state}"
    if done.is_clean:
        faults = len(done.results)
        what = "1 fault" if faults == 1 else f"{faults} faults"
        word = "Undid overdue faults of" if done.leftover.is_alive else "Finished"
        return f"{word} {who}: {what} undone and read back" if faults else f"{word} {who}: nothing was left"
    failed = [one for one in done.results if one.status == "failed"]
    if done.problem and done.results and not failed:
        return f"{who}: {done.problem}"
    why = done.problem or f"{failed[0].says}: {failed[0].error}"
    return f"{who} left something that could not be undone ({why}); see: chaos undo --run {head.run}"
