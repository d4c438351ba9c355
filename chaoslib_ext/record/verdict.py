"""What a run came to, from its parts, by one table. The first line that fits decides:

| what happened                                                       | verdict      |
|---------------------------------------------------------------------|--------------|
| an undo failed, could not be verified, or its link still shows the  | undo failed  |
| fault when measured again; a rollback failed                        |              |
| the run was refused; the host crashed; the record could not be kept | error        |
| it hung for longer than its lease, so its faults were taken back    | aborted      |
| a guard stopped it                                                  | aborted      |
| a signal or Ctrl-C ended it                                         | interrupted  |
| the host aborted it, or a control stopped it                        | aborted      |
| a fault did not bite by its own measurement                         | void         |
| a fault was gone, or another, before anybody took it back, or its   | void         |
| proxy was moved to another address                                  |              |
| a fault stayed longer than its duration                             | void         |
| an action failed, so what was asked was not done                    | error        |
| a dry run: nothing was really done, or nothing was asked            | void         |
| the steady state was not met before the method                      | inconclusive |
| the steady state was not met after or during the method             | deviated     |
| a probe of the method was outside the tolerance that it states      | deviated     |
| the steady state did not come back once all was undone              | deviated     |
| a probe of the method could not be taken                            | inconclusive |
| no probe was asked while a fault was on (`looks.never_asked`)       | inconclusive |
| none of these                                                       | held         |

Only *held* is green; a dry run keeps the host's own status, for it claims nothing.

A fault that went in but could not be measured on its link (no answer to measure by, a dead upstream, none of the tried
connections was hit) decides nothing: the steady state was met all the same. But nothing proves then that the fault was
felt, so every report says so under the verdict, and no longer shows it in green (`reports.words.not_measured`).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from chaoslib_ext.model import UndoResult, Verdict

from .phrases import INTERRUPTED, expected, not_undone, reason, value_in_words

__all__ = ["REHEARSALS", "Judged", "Parts", "apply", "verdict"]

REHEARSALS = ("probes", "actions", "activities")
"""What `chaos run --dry` may say so that a part of the run was not really done; `pause` leaves out pauses only."""


@dataclass(frozen=True)
class Parts:
    """What the journal does not say by itself."""

    undone: tuple[UndoResult, ...] = ()
    refused: tuple[str, ...] = ()
    crash: str | None = None
    signals: tuple[str, ...] = ()
    lapsed: str | None = None
    lost: tuple[str, ...] = ()
    evidence: tuple[dict[str, Any], ...] = field(default=())
    is_dry: bool = False
    stopped: str | None = None
    vanished: tuple[str, ...] = ()
    overstayed: tuple[str, ...] = ()
    recovery: dict[str, Any] | None = None
    failed_fast: bool = False
    never_asked: str | None = None


@dataclass(frozen=True)
class Judged:
    """The verdict, and why, in words; the first reason decided."""

    verdict: Verdict
    reasons: tuple[str, ...]


def verdict(journal: dict[str, Any], parts: Parts) -> Judged:
    """Judge one run by the table above."""
    found = list(_findings(journal, parts))
    if not found and parts.never_asked:
        return Judged(Verdict.INCONCLUSIVE, (parts.never_asked,))
    if not found:
        return Judged(Verdict.HELD, (_held(journal),))
    return Judged(found[0][0], tuple(reason for _, reason in found))


def apply(journal: dict[str, Any], judged: Judged, *, is_dry: bool) -> None:
    """Set the host's `status` and `deviated`, in place, so that only *held* exits with 0.

    The host knows four statuses and exits with 0 for `completed` and not deviated.
    """
    if judged.verdict is Verdict.HELD or (is_dry and judged.verdict is Verdict.VOID):
        return
    if judged.verdict is Verdict.DEVIATED:
        journal["deviated"] = True
    elif judged.verdict in (Verdict.INTERRUPTED, Verdict.ABORTED):
        journal["status"] = str(judged.verdict)
    elif judged.verdict is Verdict.ERROR or journal.get("status") in (None, "completed"):
        journal["status"] = "failed"


def _findings(journal: dict[str, Any], parts: Parts) -> Iterator[tuple[Verdict, str]]:
    yield from _way_back(journal, parts)
    yield from _cut_short(journal, parts)
    yield from _not_done(journal, parts)
    yield from _steady(journal)
    yield from _outside(journal)
    yield from _not_back(parts)
    yield from _not_taken(journal, parts)


def _way_back(journal: dict[str, Any], parts: Parts) -> Iterator[tuple[Verdict, str]]:
    for result in parts.undone:
        if result.status == "failed" or not result.verified:
            yield Verdict.UNDO_FAILED, not_undone(result.says, result.error, result.by_hand)
        elif result.measured is False:
            yield Verdict.UNDO_FAILED, f"{result.says}: done and read back, but the link still shows it: {result.after}"
    for run in _failed(journal.get("rollbacks")):
        yield Verdict.UNDO_FAILED, f"the rollback {_name(run)} failed: {_why(run)}"


def _cut_short(journal: dict[str, Any], parts: Parts) -> Iterator[tuple[Verdict, str]]:
    for problem in parts.refused:
        yield Verdict.ERROR, f"refused: {problem}"
    if parts.crash:
        yield Verdict.ERROR, f"Chaos Toolkit itself failed: {parts.crash}"
    for message in parts.lost[:1]:
        yield Verdict.ERROR, message
    if parts.lapsed:
        yield Verdict.ABORTED, parts.lapsed
    if parts.stopped:
        yield Verdict.ABORTED, parts.stopped
    if parts.signals:
        yield Verdict.INTERRUPTED, f"ended by {', '.join(dict.fromkeys(parts.signals))}"
    elif journal.get("status") == "interrupted" and not (parts.refused or parts.stopped):
        yield Verdict.ABORTED, "stopped by a control, a guard or an activity"
    if journal.get("status") == "aborted":
        yield Verdict.ABORTED, "Chaos Toolkit aborted it after an unexpected error"


def _not_done(journal: dict[str, Any], parts: Parts) -> Iterator[tuple[Verdict, str]]:
    for evidence in parts.evidence:
        if evidence.get("bit") is False:
            proxy = evidence.get("target", {}).get("proxy", "its target")
            yield Verdict.VOID, f"{evidence.get('fault')} on {proxy} did not bite by its own measurement"
    for says in parts.vanished:
        yield Verdict.VOID, f"{says}, so nobody knows what the answer was given under"
    for says in parts.overstayed:
        yield Verdict.VOID, says
    for run in _failed(journal.get("run")):
        if run["activity"].get("type") == "action" and not (parts.failed_fast and _was_cut_short(run)):
            word = Verdict.VOID if "FaultDidNotBite" in "".join(run.get("exception") or []) else Verdict.ERROR
            yield word, f"the action {_name(run)} {_failed_how(run)}"
    if parts.is_dry:
        yield Verdict.VOID, "a dry run: nothing was really done, or nothing was asked"


def _steady(journal: dict[str, Any]) -> Iterator[tuple[Verdict, str]]:
    states = journal.get("steady_states") or {}
    before, after, during = states.get("before"), states.get("after"), states.get("during") or []
    if before and not before.get("steady_state_met"):
        yield Verdict.INCONCLUSIVE, f"not steady before anything was done: {_missed(before)}"
        return
    if after and not after.get("steady_state_met"):
        yield Verdict.DEVIATED, f"after the method {_missed(after)}"
    bad = [state for state in during if state and not state.get("steady_state_met")]
    if bad:
        yield Verdict.DEVIATED, f"during the method {_missed(bad[0])} ({len(bad)} of {len(during)} times)"


def _outside(journal: dict[str, Any]) -> Iterator[tuple[Verdict, str]]:
    for run in journal.get("run") or []:
        if run.get("tolerance_met") is False:
            wanted = expected(run["activity"].get("tolerance"))
            yield Verdict.DEVIATED, f"in the method {_name(run)} was {value_in_words(run.get('output'))}, not {wanted}"


def _not_back(parts: Parts) -> Iterator[tuple[Verdict, str]]:
    recovery = parts.recovery or {}
    if recovery.get("state") == "not back":
        yield (
            Verdict.DEVIATED,
            f"the steady state did not come back within {recovery['at_most_s']:g} s of the undo: {recovery['missed']}",
        )


def _not_taken(journal: dict[str, Any], parts: Parts) -> Iterator[tuple[Verdict, str]]:
    for run in _failed(journal.get("run")):
        if run["activity"].get("type") != "action" and not (parts.failed_fast and _was_cut_short(run)):
            yield Verdict.INCONCLUSIVE, f"the probe {_name(run)} could not be taken: {_why(run)}"


def _failed(runs: Any) -> list[dict[str, Any]]:
    return [run for run in runs or [] if run.get("status") != "succeeded"]


def _missed(state: dict[str, Any]) -> str:
    for probe in reversed(state.get("probes") or []):
        if not probe.get("tolerance_met"):
            if probe.get("status") != "succeeded":
                return f"{_name(probe)} {_failed_how(probe)}"
            wanted = expected(probe["activity"].get("tolerance"))
            return f"{_name(probe)} was {value_in_words(probe.get('output'))}, not {wanted}"
    return "the steady state was not met"


def _name(run: dict[str, Any]) -> str:
    activity = run["activity"]
    return f'"{activity.get("name") or activity.get("ref") or "?"}"'


def _was_cut_short(run: dict[str, Any]) -> bool:
    """Did it fail only because the run was ended around it?"""
    return _why(run) in (INTERRUPTED, _OPEN)


_OPEN = "it did not end"


def _why(run: dict[str, Any]) -> str:
    return reason(run) or _OPEN


def _failed_how(run: dict[str, Any]) -> str:
    why = _why(run)
    return f"was {why}" if why == INTERRUPTED else f"failed: {why}"


def _held(journal: dict[str, Any]) -> str:
    states = journal.get("steady_states") or {}
    met = [when for when in ("before", "during", "after") if states.get(when)]
    if not met:
        return "every step was done; no steady-state hypothesis was stated, so nothing else was asked"
    *most, last = met
    return f"the steady state was met {', '.join(most)}{' and ' if most else ''}{last} the method"
