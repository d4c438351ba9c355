"""What a run would be refused for is told by the plan."""

from typing import Any

from chaoslib_ext.plan.controls import absent


def control(name: str, module: str | None) -> dict[str, Any]:
    return {"name": name, "provider": {"type": "python", "module": module}}


def test_each_control_that_is_not_installed_is_told_wherever_it_stands() -> None:
    lacking = [control("safe", "not_installed.safe")]
    experiment = {
        "controls": [*lacking, control("there", "json")],
        "steady-state-hypothesis": {"controls": lacking, "probes": [{"controls": lacking}]},
        "method": [{"controls": lacking}, {"name": "plain"}],
        "rollbacks": [{"controls": lacking}],
    }
    assert len(list(absent(experiment))) == 5
    assert set(absent(experiment)) == {
        "the control safe: not_installed.safe is not installed here, and no run begins without it"
    }


def test_what_says_nothing_of_a_module_is_not_for_the_plan_to_judge() -> None:
    odd = [{"ref": "safe"}, {"name": "shell", "provider": {"type": "process"}}, control("none", None)]
    assert list(absent({"controls": odd, "method": []})) == []
    assert list(absent({})) == []
