"""The end of a run, in the order that matters: undo first, then judge, write, seal, and only then speak."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from chaoslib_ext.clock import SYSTEM
from chaoslib_ext.errors import ExtError
from chaoslib_ext.extension import NAME
from chaoslib_ext.faults import permission
from chaoslib_ext.faults.run import end_current
from chaoslib_ext.model import UndoResult, Verdict
from chaoslib_ext.record.encode import dumps, plain
from chaoslib_ext.record.events import DISK
from chaoslib_ext.record.files import not_writable, write_atomically
from chaoslib_ext.record.looks import never_asked
from chaoslib_ext.record.read import events
from chaoslib_ext.record.rebuild import rebuild, seal
from chaoslib_ext.record.record import Record
from chaoslib_ext.record.redact import Redactor
from chaoslib_ext.record.story import read
from chaoslib_ext.record.verdict import Judged, Parts, apply, verdict

from . import screen
from .journal_path import unwritable
from .leaving import leave_soon
from .recovery import prove
from .sampling import probes_in, sample

if TYPE_CHECKING:
    from .session import Session

__all__ = ["break_off", "end"]

T = TypeVar("T")

_WITHIN = 5.0
"""Seconds that the disk of the record may take for each step of the end; while it hangs, later steps fail at once."""


def end(session: "Session", journal: dict[str, Any], came: Sequence[str]) -> None:
    """Do all of it; the caller holds signals back (`came` names them). Ends the process where the host crashed."""
    crash = sys.exc_info()[1]
    if session.record:
        session.record.is_lenient = True
    undone = _undo(session)
    _add_played(session, journal)
    recovery = _recovered(session, came, any(one.status == "failed" for one in undone))
    judged = verdict(journal, _parts(session, crash, undone, recovery))
    _complete(journal, judged, session)
    mended = _mend(journal, session.record.redactor if session.record else Redactor())
    if session.record:
        _write(session.record, judged, mended, bool(session.refused))
        _redden_if_lost(session.record, judged, mended)
    _close_run(session)
    permission.forget()
    if session.record and not session.refused:
        _say(session.record, judged)
    session.signals.restore()
    if session.signals.left_at_once:
        leave_soon()
    why = unwritable()
    if crash is not None or session.is_host_gone:
        _after_crash(crash, mended, session.journal_path)
    elif why:  # the host is about to crash on it
        screen.complain(why)
        raise SystemExit(1)


def break_off(session: "Session", journal: dict[str, Any], error: Exception) -> None:
    """The end itself failed: journal and record say so, and the record is closed, for its undo log will be."""
    judged = Judged(Verdict.ERROR, (f"the end of the run failed: {type(error).__name__}: {error}",))
    try:
        _complete(journal, judged, session)
        if session.record:
            _write(session.record, judged, _mend(journal, session.record.redactor), bool(session.refused))
    except Exception as more:
        screen.complain(f"the record is not whole: {type(more).__name__}: {more}")


def _undo(session: "Session") -> list[UndoResult]:
    if session.run is None or not session.run.is_open:
        return []
    try:
        last = session.run.undo_all("end")
    except Exception as error:  # whatever it was: it is not undone, and must not look so
        return [*session.undone.values(), _left(session, f"{type(error).__name__}: {error}")]
    results = list({**session.undone, **{one.id: one for one in last}}.values())
    if session.run.log.read().open and all(result.status != "failed" for result in results):
        results.append(_left(session, "left to the watchdog"))
    return results


def _recovered(session: "Session", came: Sequence[str], undo_failed: bool) -> dict[str, Any] | None:
    """Was the steady state met again, once all was undone? None where nothing was done, or nothing stated."""
    experiment, configuration, secrets = session.of_host
    probes = probes_in(experiment) if session.is_method_on and not session.is_dry else []
    if not probes:
        return None
    why = "the undo failed" if undo_failed else "a signal ended the run" if session.signals.seen else None
    if not session.was_asked_before and "recovery" not in session.asked.model_fields_set:
        why = why or "it was not asked before the method, so nobody knows that things are like that at rest"
    if why:
        found = {"state": "not asked", "why": why}
    else:
        session.note_always("recovery.started", {"at_most_s": session.asked.recovery.at_most})
        found = prove(
            lambda: sample(probes, configuration, secrets), session.asked.recovery, note=session.note_always, came=came
        )
    session.note_always("recovery.completed", found)
    return found


def _add_played(session: "Session", journal: dict[str, Any]) -> None:
    """The host's journal, too, tells of the rollbacks that it did not play itself."""
    record = session.record
    if record is None:
        return
    try:
        found = _in_time(record, lambda: events(record.folder))
    except ExtError:
        return
    played = [
        one["data"]["run"] for one in found if one["actor"] == "rollbacks" and one["kind"] == "activity.completed"
    ]
    journal["rollbacks"] = [*(journal.get("rollbacks") or []), *played]


def _left(session: "Session", why: str) -> UndoResult:
    hand = f"chaos undo --run {session.run.id}"
    return UndoResult(id=1, says="what is left of this run", status="failed", verified=False, error=why, by_hand=hand)


def _parts(
    session: "Session", crash: BaseException | None, undone: list[UndoResult], recovery: dict[str, Any] | None
) -> Parts:
    return Parts(
        undone=tuple(undone),
        refused=tuple(session.refused),
        crash=f"{type(crash).__name__}: {crash}" if isinstance(crash, Exception) else None,
        signals=tuple(session.signals.seen) or (("Ctrl-C",) if isinstance(crash, KeyboardInterrupt) else ()),
        lapsed=_lapsed(session),
        lost=tuple(session.record.lost) if session.record else (),
        evidence=tuple(session.evidence),
        is_dry=session.is_dry,
        stopped=session.stopped,
        vanished=tuple(session.vanished),
        overstayed=tuple(session.run.overstayed) if session.run else (),
        failed_fast=session.failed_fast,
        recovery=recovery,
        never_asked=_never_asked(session),
    )


def _never_asked(session: "Session") -> str | None:
    record = session.record
    try:
        return never_asked(_in_time(record, lambda: events(record.folder))) if record else None
    except ExtError:  # such a record is not whole, which is said elsewhere
        return None


def _lapsed(session: "Session") -> str | None:
    """How it showed that this process hung, if its faults were taken back for that."""
    try:
        why = session.run.why_lapsed if session.run is not None else None
    except ExtError:  # a log that is gone has nothing in it
        return None
    return f"{why}, so its faults were taken back" if why else None


def _complete(journal: dict[str, Any], judged: Judged, session: "Session") -> None:
    """Fill in what the host leaves out when it is cut short, and set what decides its exit code."""
    journal.setdefault("end", SYSTEM.wall().isoformat())
    journal.setdefault("duration", SYSTEM.monotonic() - session.started)
    apply(journal, judged, is_dry=session.is_dry)
    journal["status"] = journal.get("status") or "interrupted"
    ours = {
        "name": NAME,
        "verdict": str(judged.verdict),
        "reasons": list(judged.reasons),
        "refused": bool(session.refused),
    }
    if session.record:
        ours["run"] = session.record.id
    journal["extensions"] = [*(journal.get("extensions") or []), ours]


def _mend(journal: dict[str, Any], redactor: Redactor) -> dict[str, Any]:
    """Make the host's own journal writable as JSON, and free of secrets, in place: the host writes it after us."""
    for name in list(journal):
        journal[name] = redactor.hidden(plain(journal[name], longest=sys.maxsize, most=sys.maxsize))
    return journal


def _write(record: Record, judged: Judged, journal: dict[str, Any], refused: bool) -> None:
    finished: dict[str, Any] = {"verdict": str(judged.verdict), "reasons": list(judged.reasons), "refused": refused}
    for name in ("status", "deviated", "end", "duration"):
        finished[name] = journal.get(name)
    record.finish(finished)
    if seal(record) is None:
        _rebuild(record)
    record.close()
    for message in dict.fromkeys(record.lost):
        screen.complain(f"the record is not whole: {message}")


def _in_time(record: Record, call: Callable[[], T]) -> T:
    """What it gives. Raises RecordNotWritable where the disk of the record hangs: everything is undone by now, but the
    run must come to its end.
    """
    try:
        return DISK.do(call, _WITHIN)
    except TimeoutError as error:
        raise not_writable(record.folder, error) from error


def _rebuild(record: Record) -> None:
    try:
        _in_time(record, lambda: rebuild(record.folder))
    except ExtError as error:
        record.lost.append(str(error))


def _redden_if_lost(record: Record, judged: Judged, journal: dict[str, Any]) -> None:
    """A run whose last words were lost is not held for anybody who looks later, so its exit code is not green."""
    if record.lost and judged.verdict is Verdict.HELD:
        apply(journal, Judged(Verdict.ERROR, tuple(record.lost)), is_dry=False)


def _close_run(session: "Session") -> None:
    if session.run is None:
        return
    try:
        session.run.close()
        end_current()
    except ExtError as error:
        screen.complain(str(error))


def _say(record: Record, judged: Judged) -> None:
    try:
        screen.close(_in_time(record, lambda: read(record.folder)))
    except ExtError as error:
        screen.complain(str(error))
        screen.complain(f"{str(judged.verdict).upper()}: {'; '.join(judged.reasons)}")


def _after_crash(crash: BaseException | None, journal: dict[str, Any], path: str | None) -> None:
    """The host is on its way out and writes no journal: write it in its place, and say what happened in one line."""
    if path:
        try:
            write_atomically(Path(path), dumps(journal, indent=2), mode=0o644)
        except ExtError as error:
            screen.complain(str(error))
    if isinstance(crash, Exception):
        screen.complain(f"Chaos Toolkit itself failed: {type(crash).__name__}: {crash}")
        raise SystemExit(1) from crash
