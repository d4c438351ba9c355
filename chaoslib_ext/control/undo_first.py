"""The faults of a run are taken out at the first sign of its end: before rollbacks, other controls' last hooks, log
lines and records, any of which may take long, or hang.

What rollbacks and other people's actions left, and the holds on proxies, is undone at the end, as ever.
"""

from typing import TYPE_CHECKING

from chaoslib_ext.faults.vanished import vanished

from . import screen

if TYPE_CHECKING:
    from chaoslib_ext.undo.lines import Intent

    from .session import Session

__all__ = ["undo_first"]

_OURS = ("remove_toxic", "enable_proxy")


def undo_first(session: "Session") -> None:
    """Look once whether what was put in is still in, then take it out. Never raises; the end of the run tries again."""
    run = session.run
    if run is None or not run.is_open or not session.is_method_on:
        return
    if session.record:
        session.record.is_lenient = True
    try:
        run.make_room()
        _look(session)
        faults = [one.id for one in run.log.read().open if _is_ours(one)]
        if faults:
            session.undone.update({one.id: one for one in run.undo(faults, "end", redeliver=False)})
    except Exception as error:  # the host would swallow it
        screen.complain(f"the faults could not be undone yet: {type(error).__name__}: {error}; it is tried again")


def _look(session: "Session") -> None:
    if session.has_looked:
        return
    session.has_looked = True
    for number, says in vanished(session.run, {one["undo"]: one for one in session.evidence}):
        session.vanished.append(says)
        session.note_always("fault.vanished", {"undo": number, "says": says})


def _is_ours(intent: "Intent") -> bool:
    return intent.data["driver"] == "proxy" and intent.data["op"] in _OURS and not intent.is_lock
