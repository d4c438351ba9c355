"""What an approval is bound to: the same from the file and in the middle of a run, another for any change."""

import copy
from typing import Any

import pytest
from chaoslib.configuration import load_configuration, load_dynamic_configuration

from chaoslib_ext.faults.identity import asked, experiment_sha256, faults_sha256

EXPERIMENT: dict[str, Any] = {
    "title": "up to ${much} ms",
    "description": "y",
    "configuration": {
        "much": 400,
        "where": {
            "type": "probe",
            "name": "where",
            "provider": {"type": "python", "module": "platform", "func": "node"},
        },
    },
    "secrets": {"a": {"token": "hunter2"}},
    "method": [
        {
            "type": "action",
            "name": "slow",
            "provider": {
                "type": "python",
                "module": "actions.toxics",
                "func": "add_latency",
                "arguments": {"proxy": "web", "latency_ms": "${much}", "jitter_ms": "${where}"},
            },
        }
    ],
}


def test_what_the_host_writes_into_it_does_not_count() -> None:
    fresh = asked(EXPERIMENT, load_configuration(EXPERIMENT["configuration"]), {}, {})
    running = copy.deepcopy(EXPERIMENT)
    running["dry"] = None
    running["title"] = "up to 400 ms"
    configuration = load_configuration(running["configuration"])
    resolved = load_dynamic_configuration(configuration, {"a": {"token": "hunter2"}})
    assert "secrets" in running["configuration"]["where"]["provider"], "the host copies secrets there"
    assert asked(running, resolved, {}, {}) == fresh


@pytest.mark.parametrize("place", ["title", "description", "method", "configuration"])
def test_every_change_of_what_it_says_counts(place: str) -> None:
    changed = copy.deepcopy(EXPERIMENT)
    changed[place] = {"title": "X", "description": "y ", "method": [], "configuration": {}}[place]
    assert experiment_sha256(changed) != experiment_sha256(EXPERIMENT)


def test_a_value_given_at_the_command_line_counts_though_the_experiment_is_the_same() -> None:
    assert faults_sha256(EXPERIMENT, {"much": 400}) != faults_sha256(EXPERIMENT, {"much": 4000})
    assert faults_sha256(EXPERIMENT, {"much": 400, "other": 1}) == faults_sha256(EXPERIMENT, {"much": 400})
    assert faults_sha256(EXPERIMENT, {"much": 400, "where": "a"}) == faults_sha256(
        EXPERIMENT, {"much": 400, "where": "b"}
    )


def test_its_pauses_are_added_up_with_their_values() -> None:
    paused = [{"pauses": {"before": 1, "after": "${much}"}}, {"pauses": {"after": "${nosuch}"}}, {"pauses": 7}]
    experiment = {"method": paused, "rollbacks": [{"pauses": {"after": 0.5}}], "steady-state-hypothesis": {"probes": 3}}
    assert asked(experiment, {"much": 40}, {}, {}).pauses_s == 41.5


@pytest.mark.parametrize("odd", [{}, {"method": None}, {"configuration": [], "method": [None, 3]}, {"method": "x"}])
def test_odd_experiments_have_one_too(odd: dict[str, Any]) -> None:
    assert asked(odd, {}, {}, {}) == asked(odd, {}, {}, {})
