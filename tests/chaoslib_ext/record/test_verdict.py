"""What a run came to, line by line of the table."""

from typing import Any

import pytest

from chaoslib_ext.model import UndoResult, Verdict
from chaoslib_ext.record.verdict import Judged, Parts, apply, verdict

PROBE = {"name": "p", "type": "probe", "tolerance": 1}


def run(type: str = "action", status: str = "succeeded", **more: Any) -> dict[str, Any]:
    return {"activity": {"name": "a", "type": type}, "status": status, **more}


def state(met: bool) -> dict[str, Any]:
    return {
        "steady_state_met": met,
        "probes": [{"activity": PROBE, "status": "succeeded", "output": 2, "tolerance_met": met}],
    }


def journal(
    before: bool | None = True, after: bool | None = True, during: tuple[bool, ...] = (), **more: Any
) -> dict[str, Any]:
    states = {
        "before": None if before is None else state(before),
        "after": None if after is None else state(after),
        "during": [state(met) for met in during],
    }
    return {"status": "completed", "deviated": False, "steady_states": states, "run": [run()], "rollbacks": [], **more}


def undo(status: str = "undone", verified: bool = True) -> UndoResult:
    return UndoResult(id=1, says="remove it", status=status, verified=verified, error="no answer", by_hand="type this")


CASES: dict[str, tuple[dict[str, Any], Parts, Verdict, str]] = {
    "all is well": (journal(), Parts(undone=(undo(),)), Verdict.HELD, "before and after"),
    "asked before and during": (
        journal(after=None, during=(True,)),
        Parts(),
        Verdict.HELD,
        "met before and during the",
    ),
    "asked after only": (journal(None), Parts(), Verdict.HELD, "was met after the method"),
    "asked all along": (journal(during=(True,)), Parts(), Verdict.HELD, "met before, during and after the method"),
    "nothing was asked": (journal(None, None), Parts(), Verdict.HELD, "no steady-state hypothesis"),
    "undo failed": (journal(), Parts(undone=(undo("failed"),)), Verdict.UNDO_FAILED, "by hand: type this"),
    "undo not verified": (journal(), Parts(undone=(undo(verified=False),)), Verdict.UNDO_FAILED, "remove it"),
    "undo failed outranks all": (
        journal(after=False),
        Parts(undone=(undo("failed"),), crash="x", signals=("SIGINT",)),
        Verdict.UNDO_FAILED,
        "not undone",
    ),
    "rollback failed": (journal(rollbacks=[run(status="failed")]), Parts(), Verdict.UNDO_FAILED, "rollback"),
    "refused": (journal(None, None, status="interrupted"), Parts(refused=("no server",)), Verdict.ERROR, "no server"),
    "crashed": (journal(), Parts(crash="TypeError: x"), Verdict.ERROR, "TypeError"),
    "record lost": (journal(), Parts(lost=("disk full",)), Verdict.ERROR, "disk full"),
    "signal": (journal(status="interrupted"), Parts(signals=("SIGTERM",)), Verdict.INTERRUPTED, "SIGTERM"),
    "stopped by a control": (journal(status="interrupted"), Parts(), Verdict.ABORTED, "stopped by a control"),
    "aborted by the host": (journal(status="aborted"), Parts(), Verdict.ABORTED, "aborted"),
    "rehearsal": (journal(), Parts(is_dry=True), Verdict.VOID, "dry run"),
    "an action of a rehearsal that does them failed": (
        journal(None, None, run=[run(status="failed", exception=["E: y"])]),
        Parts(is_dry=True),
        Verdict.ERROR,
        'the action "a" failed',
    ),
    "did not bite": (
        journal(),
        Parts(evidence=({"fault": "latency", "bit": False, "target": {"proxy": "web"}},)),
        Verdict.VOID,
        "latency on web did not bite",
    ),
    "could not be measured": (journal(), Parts(evidence=({"fault": "latency", "bit": None},)), Verdict.HELD, ""),
    "refused to bite": (
        journal(
            run=[run(status="failed", exception=["x\n", "chaoslib.exceptions.ActivityFailed: FaultDidNotBite: y\n"])]
        ),
        Parts(),
        Verdict.VOID,
        "FaultDidNotBite: y",
    ),
    "action failed": (
        journal(run=[run(status="failed", exception=["E: y"])]),
        Parts(),
        Verdict.ERROR,
        'the action "a" failed',
    ),
    "action without a status": (
        journal(run=[{"activity": {"name": "a", "type": "action"}}]),
        Parts(),
        Verdict.ERROR,
        "did not end",
    ),
    "probe of the method failed": (
        journal(run=[run("probe", "failed")]),
        Parts(),
        Verdict.INCONCLUSIVE,
        "could not be taken",
    ),
    "not steady before": (journal(False, None), Parts(), Verdict.INCONCLUSIVE, "not steady before"),
    "not met after": (journal(after=False, deviated=True), Parts(), Verdict.DEVIATED, '"p" was 2, not 1'),
    "not met during, well again after": (
        journal(during=(True, False, True)),
        Parts(),
        Verdict.DEVIATED,
        "1 of 3 times",
    ),
    "a failed action explains a deviation": (
        journal(after=False, run=[run(status="failed")]),
        Parts(),
        Verdict.ERROR,
        "failed",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_the_first_line_that_fits_decides(case: str) -> None:
    found, parts, wanted, says = CASES[case]
    judged = verdict(found, parts)
    assert judged.verdict is wanted and says in judged.reasons[0]


def test_a_reason_is_the_errors_own_words() -> None:
    said = "chaoslib.exceptions.ActivityFailed: chaoslib_ext.errors.NoAnswer: nobody answers\n"
    (reason,) = verdict(journal(run=[run(status="failed", exception=["x\n", said])]), Parts()).reasons
    assert reason == 'the action "a" failed: nobody answers'


def test_what_was_running_when_it_was_ended_was_interrupted_and_did_not_fail() -> None:
    found = journal(run=[run(status="failed", exception=["KeyboardInterrupt\n"])])
    _, reason = verdict(found, Parts(signals=("SIGINT",))).reasons
    assert reason == 'the action "a" was interrupted'


@pytest.mark.parametrize("word", list(Verdict))
@pytest.mark.parametrize("status", ["completed", "failed", "interrupted", "aborted", None])
def test_only_held_is_green(word: Verdict, status: str | None) -> None:
    """The host exits with 0 for completed and not deviated."""
    found: dict[str, Any] = {"status": status, "deviated": False}
    apply(found, Judged(word, ("x",)), is_dry=False)
    is_green = found["status"] == "completed" and not found["deviated"]
    assert is_green == (word is Verdict.HELD and status == "completed")
    assert found["status"] in ("completed", "failed", "interrupted", "aborted", None)


def test_a_rehearsal_keeps_the_hosts_own_word() -> None:
    found = {"status": "completed", "deviated": False}
    apply(found, Judged(Verdict.VOID, ("x",)), is_dry=True)
    assert found == {"status": "completed", "deviated": False}
