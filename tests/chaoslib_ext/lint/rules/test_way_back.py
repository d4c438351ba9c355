"""The way back."""

from typing import Any

import pytest


def guest(func: str) -> dict[str, Any]:
    provider = {"type": "python", "module": "somebody.actions", "func": func, "arguments": {}}
    return {"type": "action", "name": func, "provider": provider}


@pytest.mark.parametrize("func", ["cordon_node", "drain_nodes", "scale_deployment", "stop_instance", "add_delay_fault"])
def test_a_guests_fault_that_stays_in_force_without_any_rollback_is_found(
    sound: dict[str, Any], found: Any, func: str
) -> None:
    sound["method"] = [guest(func)]
    for rollbacks in ([], None):
        sound["rollbacks"] = rollbacks
        if rollbacks is None:
            del sound["rollbacks"]
        assert found(sound)["no-rollbacks"] == "$.method[0]"


def test_a_fault_that_heals_itself_or_is_ours_needs_none(sound: dict[str, Any], found: Any) -> None:
    assert found(sound) == {}
    sound["method"] = [guest("terminate_pods")]
    assert "no-rollbacks" not in found(sound)


def test_what_the_method_takes_back_itself_needs_none(sound: dict[str, Any], found: Any) -> None:
    sound["method"] = [guest("stop_instance"), guest("start_instance")]
    assert "no-rollbacks" not in found(sound)


@pytest.mark.parametrize("func", ["put_metric_data", "add_marker", "stop_chaos", "disable_chaosmonkey", "stress_cpu"])
def test_a_message_or_the_end_of_a_fault_or_a_burst_stays_in_force_nowhere(
    sound: dict[str, Any], found: Any, func: str
) -> None:
    sound["method"] = [guest(func)]
    assert "no-rollbacks" not in found(sound)


def test_what_is_given_a_duration_ends_by_itself_and_chaos_mesh_stresses_until_it_is_told(
    sound: dict[str, Any], found: Any
) -> None:
    sound["method"] = [guest("add_delay_fault")]
    sound["method"][0]["provider"]["arguments"] = {"duration": 60}
    assert "no-rollbacks" not in found(sound)
    sound["method"] = [guest("stress_cpu")]
    sound["method"][0]["provider"]["module"] = "chaosk8s.chaosmesh.stress.actions"
    assert found(sound)["no-rollbacks"] == "$.method[0]"


def test_rollbacks_that_never_run_are_found(sound: dict[str, Any], found: Any) -> None:
    sound["rollbacks"] = [guest("uncordon_node")]
    sound["runtime"] = {"rollbacks": {"strategy": "never"}, "hypothesis": {"strategy": "default"}}
    assert found(sound)["rollbacks-never-run"] == "$.runtime.rollbacks.strategy"
