"""Which actions a policy that refuses other actions means: by what they do, not by whose module they are in."""

from typing import Any

import pytest

from chaoslib_ext.plan.other_actions import besides_faults, changing, not_looked_at


def python(module: str, func: str, **arguments: Any) -> dict[str, Any]:
    return {"type": "python", "module": module, "func": func, "arguments": arguments}


def action(provider: Any, kind: str = "action", name: str = "it") -> dict[str, Any]:
    return {"type": kind, "name": name, "provider": provider}


def changes(provider: Any, **configuration: Any) -> bool:
    return bool(changing({"method": [action(provider)]}, configuration, {}))


@pytest.mark.parametrize(
    "provider",
    [
        python("actions.toxics", "add_latency", proxy="web", latency_ms=1),
        python("actions.proxies", "up"),
        python("actions.undo", "everything"),
        python("probes.http", "status", url="http://x"),
        python("probes.http", "status", url="http://x", method="head"),
        python("probes.sql", "scalar", query="select 1"),
        python("probes.processes", "count", name="x"),
    ],
)
def test_faults_of_ours_and_what_only_reads_are_left_to_the_rules(provider: dict[str, Any]) -> None:
    assert not changes(provider)


@pytest.mark.parametrize(
    "provider",
    [
        *(python("probes.http", "status", url="http://x", method=word) for word in ("POST", "post", "Delete", "PATCH")),
        python("probes.http", "status", url="http://x", method="${verb}"),
        python("probes.http", "status", url="http://x", method="${unknown}"),
        python("probes.http", "status", url="http://x", method=["POST"]),
        python("probes.http", "ask", url="http://x"),
        python("probes.sql", "rows", query="insert into x values (1)"),
        python("probes.sql", "rows", query="select pg_terminate_backend(1)"),
        python("probes.eventually", "reached", probe={"module": "os", "func": "remove"}),
        python("probes", "http.status", url="http://x"),
        python("Probes.http", "status", url="http://x"),
        python("chaoslib_ext.faults.inject", "inject"),
        python("chaoslib_ext.proxy.client", "Client"),
        python("actions", "discover"),
        python("os", "remove", path="x"),
        {"type": "python", "module": "probes.http", "func": "status", "arguments": "text"},
        {"type": "process", "path": "kubectl"},
        {"type": "process", "path": "kubectl", "module": "actions.toxics"},
        {"type": "http", "url": "http://x", "method": "POST"},
        {"type": "http", "url": "http://x"},
        {},
        None,
    ],
)
def test_an_action_that_may_change_something_is_another_action_whoever_wrote_it(provider: Any) -> None:
    assert changes(provider, verb="POST")


def test_a_value_from_configuration_is_put_in_first() -> None:
    asks = python("probes.http", "status", url="http://x", method="${verb}")
    assert not changes(asks, verb="GET") and changes(asks, verb="PUT")


def test_a_reference_is_followed_and_a_probe_is_no_action() -> None:
    method = [{"ref": "it"}, action({"type": "process", "path": "x"}, "probe", "seen")]
    experiment = {"method": method, "rollbacks": [action({"type": "process", "path": "y"})]}
    assert [step.name for step in besides_faults(experiment)] == ["it"]


def test_what_it_does_not_look_at_is_named() -> None:
    experiment = {
        "configuration": {"port": {"type": "probe", "provider": python("os", "getpid")}, "plain": 1},
        "controls": [{"name": "ours", "provider": {"module": "chaoslib_ext.control"}}, {"name": "theirs"}],
        "steady-state-hypothesis": {"probes": [action(python("probes.http", "status", url="u"), "probe", "reads")]},
        "method": [{**action({"type": "process", "path": "x"}, "probe", "acts"), "controls": [{"name": "on it"}]}],
        "rollbacks": [action({"type": "process", "path": "y"}, name="back"), action(python("actions.proxies", "up"))],
    }
    told = list(not_looked_at(experiment, {}, {}))
    assert told == [
        "the probe acts",
        "the rollback back",
        "the configuration port",
        "the control theirs",
        "the control on it",
    ]
    assert list(not_looked_at({"method": []}, {}, {})) == []
