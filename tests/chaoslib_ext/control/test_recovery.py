"""Health is proved again after the undo, within a time, and a signal ends the waiting."""

from typing import Any

import pytest

from chaoslib_ext.clock import FakeClock
from chaoslib_ext.control.recovery import prove
from chaoslib_ext.control.sampling import Sample
from chaoslib_ext.extension import Recovery
from chaoslib_ext.model import Verdict


def proved(
    answers: list[str], came: list[str] | None = None, **asked: Any
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """What came of these samples, in order, the last one repeated; and what was noted."""
    left = list(answers)
    noted: list[dict[str, Any]] = []

    def take() -> Sample:
        return Sample(left.pop(0) if len(left) > 1 else left[0])

    settings = Recovery.model_validate({"at_most": 10, "every": 1, **asked})
    told = prove(take, settings, note=lambda kind, data: noted.append(data), came=came or [], clock=FakeClock())
    return told, noted


def test_good_at_once() -> None:
    told, noted = proved([""])
    assert (told["state"], told["samples"], told["seconds"]) == ("back", 2, 0.0)
    assert [one["met"] for one in noted] == [True, True]


def test_a_flicker_is_not_back() -> None:
    told, _ = proved(["bad", "", "bad", "", ""])
    assert (told["state"], told["samples"]) == ("back", 5)
    assert told["seconds"] == pytest.approx(3.0, abs=0.3)


def test_not_back_in_time_says_what_was_missed() -> None:
    told, noted = proved(["it was 500"])
    assert told["state"] == "not back" and told["missed"] == "it was 500"
    assert 5 <= len(noted) <= 11


def test_a_signal_ends_the_waiting() -> None:
    told, _ = proved(["bad"], came=["SIGINT"])
    assert told["state"] == "cut short" and "SIGINT" in told["why"]


def test_a_system_that_does_not_come_back_deviates(chaos: Any, make: Any) -> None:
    state = chaos.place / "state.txt"
    state.write_text("well")
    probes = [make.probe("from_file", "well", path=str(state))]
    break_late = make.activity("note", "break", path=str(state), says="\nill")
    entry = [{"name": "chaostoolkit-ext", "recovery": {"at_most": "1s", "every": "100ms"}}]
    done = chaos.run(
        chaos.experiment([make.activity("value", of=1)], probes=probes, rollbacks=[break_late], extensions=entry)
    )
    assert done.code == 1 and done.story.verdict is Verdict.DEVIATED
    assert "did not come back within 1 s of the undo" in done.story.reasons[0]
    assert " recovery   ✗ not back within 1 s" in done.out


def test_a_system_that_comes_back_is_told_so(chaos: Any, make: Any) -> None:
    state = chaos.place / "state.txt"
    state.write_text("well")
    probes = [make.probe("from_file", "well", path=str(state))]
    done = chaos.run(chaos.experiment([make.activity("value", of=1)], probes=probes))
    assert done.code == 0 and done.story.recovery["state"] == "back"
    assert "the steady state is back (2 samples)" in done.out


def test_a_probe_that_hangs_at_the_end_does_not_hold_the_run_up(chaos: Any, make: Any) -> None:
    probes = [make.probe("hang_if", True, path="hang-now")]
    heal = make.activity("note", "then", path="hang-now")
    entry = [{"name": "chaostoolkit-ext", "recovery": {"at_most": "1s"}}]
    done = chaos.run(
        chaos.experiment([make.activity("value", of=1)], probes=probes, rollbacks=[heal], extensions=entry)
    )
    assert done.story.verdict is Verdict.DEVIATED and "no answer in time" in done.story.reasons[0]


def test_nothing_is_asked_where_the_method_never_began(chaos: Any, make: Any) -> None:
    done = chaos.run(chaos.experiment([make.activity("value", of=1)], probes=[make.probe("value", 2, of=1)]))
    assert done.story.verdict is Verdict.INCONCLUSIVE and done.story.recovery is None


@pytest.mark.parametrize("by_name", [False, True])
def test_a_steady_state_that_is_only_asked_after_the_method_says_nothing_of_the_time_after_unless_asked_for_by_name(
    chaos: Any, make: Any, by_name: bool
) -> None:
    state = chaos.place / "state.txt"
    state.write_text("well")
    entry: dict[str, Any] = {"name": "chaostoolkit-ext"}
    if by_name:
        entry["recovery"] = {"at_most": "1s", "every": "100ms"}
    asked = chaos.experiment(
        [make.activity("note", "break", path=str(state), says="\nill")],
        probes=[make.probe("from_file", "well\nill", path=str(state))],
        rollbacks=[make.activity("note", "heal", path=str(state), says="well")],
        runtime={"hypothesis": {"strategy": "after-method-only"}},
        extensions=[entry],
    )
    done = chaos.run(asked)
    assert done.story.verdict is (Verdict.DEVIATED if by_name else Verdict.HELD)
    assert done.story.recovery["state"] == ("not back" if by_name else "not asked")


def test_without_a_thread_it_is_not_asked_and_the_run_comes_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*_: object) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr("chaoslib_ext.control.recovery.threading.Thread.start", none)
    told, _ = proved([""])
    assert told["state"] == "not back" and "can't start new thread" in told["missed"]
