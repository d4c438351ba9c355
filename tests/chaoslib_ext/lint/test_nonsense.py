"""Nonsense that Chaos Toolkit lets pass, or answers with a traceback: its own check says nothing, and lint says it."""

from collections.abc import Callable
from typing import Any

import pytest
from chaoslib.exceptions import ChaosException
from chaoslib.experiment import ensure_experiment_is_valid

from chaoslib_ext.lint.finding import Finding

PROBE = ("steady-state-hypothesis", "probes", 0)
ACTION = ("method", 0)
ARGUMENTS = (*ACTION, "provider", "arguments")
HYPOTHESIS = {"strategy": "default"}
CORDON = {"type": "python", "module": "chaosk8s.node.actions", "func": "cordon_node", "arguments": {"name": "x"}}

LETS_PASS = [
    (("rollback",), [], "unknown-key"),
    (("rollbacks",), [{"ref": "nobody"}], "bad-ref"),
    (("runtime",), {"rollbacks": {"strategy": "alway"}, "hypothesis": HYPOTHESIS}, "unknown-word"),
    (("runtime",), {"rollbacks": {"strategy": "always"}, "hypothesis": {"strategy": "befor"}}, "unknown-word"),
    ((*ARGUMENTS, "proxy"), "${nobody}", "undefined-variable"),
    (("method", 1), "the same again", "duplicate-name"),
    ((*PROBE, "type"), "action", "action-in-hypothesis"),
    ((*PROBE, "tolerance"), [5], "never-met"),
    ((*PROBE, "tolerance"), [9, 1], "never-met"),
    ((*PROBE, "tolerance"), 5, "never-met"),
    ((*ACTION, "pauses"), {"after": -1}, "bad-pause"),
    ((*ACTION, "backgroud"), True, "misspelt-key"),
    ((*PROBE, "provider", "tiemout"), 3, "unknown-key"),
    (("anything",), 1, "unknown-key"),
    ((*ARGUMENTS, "latency_ms"), "much", "argument-type"),
    (("controls",), [{"name": "c", "provider": {"type": "python", "module": "no.body"}}], "control-not-installed-here"),
    ((*PROBE, "provider", "url"), "localhost:8080/", "bad-url"),
    ((*ACTION, "provider", "secrets"), ["k8s"], "undeclared-secret"),
    (("tags",), "lab", "wrong-type"),
    (("configuration", "x"), {"type": "probe", "name": "x"}, "dynamic-without-provider"),
]
ANSWERS_WITH_A_TRACEBACK = [
    ((*ACTION, "pauses"), 5, "wrong-type"),
    (("extensions",), {"name": 1}, "wrong-type"),
    (("method",), {"a": 1}, "wrong-type"),
    (("steady-state-hypothesis",), [1], "wrong-type"),
]


@pytest.fixture
def spoilt(sound: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> Callable[..., dict[str, Any]]:
    """The sound experiment with one thing put in somewhere."""
    monkeypatch.setenv("TOKEN", "x")

    def made(path: tuple[Any, ...], value: Any) -> dict[str, Any]:
        here: Any = sound
        for step in path[:-1]:
            here = here[step]
        if isinstance(here, list) and path[-1] == len(here):
            here.append(here[0])
        else:
            here[path[-1]] = value
        return sound

    return made


@pytest.mark.parametrize(("path", "value", "rule"), LETS_PASS)
def test_what_the_host_lets_pass_is_found(
    spoilt: Any, findings: Callable[..., list[Finding]], path: tuple[Any, ...], value: Any, rule: str
) -> None:
    data = spoilt(path, value)
    ensure_experiment_is_valid(data)
    assert rule in {one.hit.rule.id for one in findings(data) if one.severity != "note"}


@pytest.mark.parametrize(("path", "value", "rule"), ANSWERS_WITH_A_TRACEBACK)
def test_what_the_host_answers_with_a_traceback_is_found(
    spoilt: Any, findings: Callable[..., list[Finding]], path: tuple[Any, ...], value: Any, rule: str
) -> None:
    data = spoilt(path, value)
    with pytest.raises(Exception) as caught:  # whatever comes; no words for a person
        ensure_experiment_is_valid(data)
    assert not isinstance(caught.value, ChaosException)
    assert rule in {one.hit.rule.id for one in findings(data) if one.counts}


def test_an_action_of_somebody_elses_without_any_rollback_is_found(spoilt: Any, findings: Any) -> None:
    data = spoilt((*ACTION, "provider"), CORDON)
    del data["rollbacks"]
    ensure_experiment_is_valid(data)
    assert "no-rollbacks" in {one.hit.rule.id for one in findings(data) if one.counts}


def test_a_number_with_a_point_is_refused_by_the_host_and_told_how_to_write(spoilt: Any, findings: Any) -> None:
    data = spoilt((*PROBE, "tolerance"), 0.5)
    with pytest.raises(ChaosException):
        ensure_experiment_is_valid(data)
    (one,) = (one for one in findings(data) if one.hit.rule.id == "float-tolerance")
    assert "range: [0.5, 0.5]" in one.hit.cure
