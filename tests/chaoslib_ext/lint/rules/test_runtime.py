"""How the experiment wants to be run."""

from typing import Any


def test_one_strategy_without_the_other_resets_that_one(sound: dict[str, Any], findings: Any) -> None:
    sound["runtime"] = {"hypothesis": {"strategy": "after-method-only"}}
    (one,) = findings(sound)
    assert one.hit.rule.id == "runtime-resets" and not one.counts and "rollbacks has none" in one.hit.says
    sound["runtime"]["rollbacks"] = {"strategy": "always"}
    assert findings(sound) == []


def test_dry_in_a_file_has_no_effect(sound: dict[str, Any], found: Any) -> None:
    sound["method"][0]["dry"] = True
    assert found(sound) == {"dry-has-no-effect": "$.method[0].dry"}


def test_an_experiment_that_does_nothing_is_noted(sound: dict[str, Any], found: Any) -> None:
    del sound["steady-state-hypothesis"]
    sound["method"] = []
    assert found(sound) == {"nothing-to-do": "$.method"}
