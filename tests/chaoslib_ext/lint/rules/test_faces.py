"""Our own actions and probes: one truth about their values."""

from collections.abc import Callable
from typing import Any

import pytest

import actions.proxies
import actions.toxics
from chaoslib_ext import discover
from chaoslib_ext.errors import BadInput
from chaoslib_ext.faults import inject
from chaoslib_ext.lint.rules import faces

pytestmark = [pytest.mark.joins("lint", "faults"), pytest.mark.joins("lint", "blackbox")]


@pytest.fixture
def calling(sound: dict[str, Any]) -> Callable[..., dict[str, Any]]:
    """An experiment that calls a function of ours."""

    def made(name: str, **arguments: Any) -> dict[str, Any]:
        module, _, func = name.rpartition(".")
        provider = {"type": "python", "module": module, "func": func, "arguments": arguments}
        sound["method"] = [{"type": "action", "name": "it", "provider": provider}]
        return sound

    return made


BAD = [
    ("actions.toxics.add_latency", {"proxy": "a", "latency_ms": -1}, "latency_ms"),
    ("actions.toxics.add_latency", {"proxy": "a", "latency_ms": 0}, "delays nothing"),
    ("actions.toxics.add_latency", {"proxy": "a", "latency_ms": 100, "duration": "5 parsecs"}, "not a duration"),
    ("actions.toxics.add_latency", {"proxy": "a", "latency_ms": 100, "toxicity": 2}, "toxicity"),
    ("actions.toxics.add_latency", {"proxy": "a", "latency_ms": 100, "stream": "down"}, "stream"),
    ("actions.toxics.add_slicer", {"proxy": "a", "average_size_bytes": 1, "size_variation_bytes": 5}, "smaller"),
    ("actions.toxics.add", {"proxy": "a", "type": "latncy", "attributes": {"latency": 1}}, "did you mean latency?"),
    ("actions.toxics.add", {"proxy": "a", "type": "latency", "attributes": {"latncy": 1}}, "latncy"),
    ("actions.toxics.add", {"proxy": "a", "type": "latency"}, "missing"),
    ("actions.toxics.remove", {"type": "latncy"}, "did you mean latency?"),
    ("actions.proxies.down", {"proxy": "a", "duration": "0s"}, "longer than nothing"),
    ("actions.proxies.flap", {"proxy": "a", "down_for": "long"}, "down_for"),
    ("probes.http.status", {"url": "web/health"}, "cannot be asked"),
    ("probes.http.status", {"url": "http://web", "timeout": "soon"}, "timeout"),
    ("probes.http.status", {"url": "http://web", "method": "FETCH"}, "not an HTTP method"),
    ("probes.http.json_value", {"url": "http://web", "path": "a b["}, "JSONPath"),
    ("probes.tcp.connects", {"address": "web"}, "host:port"),
    ("probes.sql.scalar", {"url": "sqlite:///x", "query": "select 1", "timeout": "soon"}, "timeout"),
]


@pytest.mark.parametrize(("name", "arguments", "says"), BAD)
def test_a_value_out_of_range_is_found_before_the_run(
    calling: Any, findings: Any, name: str, arguments: Any, says: str
) -> None:
    (one,) = [one for one in findings(calling(name, **arguments)) if one.counts]
    assert one.hit.rule.id == ("bad-question" if name.startswith("probes") else "bad-fault")
    assert one.severity == "error" and says in one.hit.says


GOOD = [
    ("actions.toxics.add_latency", {"proxy": ["a", "b*"], "latency_ms": 0, "jitter_ms": 5}),
    ("actions.toxics.add_latency", {"proxy": "${host}", "latency_ms": "${wait}", "duration": "${wait}"}),
    ("actions.toxics.add", {"proxy": "a", "type": "noop"}),
    ("actions.toxics.add", {"proxy": "a", "type": "limit_data", "attributes": {"bytes": 0}, "toxicity": 0.5}),
    ("actions.toxics.add_timeout", {"proxy": "a", "seed": 7}),
    ("actions.proxies.down", {"proxy": "a", "duration": 5}),
    ("actions.proxies.up", {}),
    ("probes.http.status", {"url": "http://${host}/", "headers": {"a": "b"}}),
    ("probes.http.bad_fraction", {"url": "http://x", "requests": 5, "within": "2m"}),
]


@pytest.mark.parametrize(("name", "arguments"), GOOD)
def test_what_runs_has_no_finding(calling: Any, findings: Any, name: str, arguments: Any) -> None:
    assert findings(calling(name, **arguments)) == []


def test_a_probe_that_is_asked_again_and_again_is_looked_into(calling: Any, findings: Any) -> None:
    asked = {"module": "probes.http", "func": "status", "arguments": {"url": "web", "methd": "GET"}}
    experiment = calling("probes.eventually.reached", probe=asked, tolerance=200, every="1s")
    at = "$.method[0].provider.arguments"
    assert {(one.hit.rule.id, one.as_json()["path"]) for one in findings(experiment)} == {
        ("unknown-argument", f"{at}.probe.arguments.methd")
    }
    del asked["arguments"]["methd"]  # type: ignore[attr-defined]
    assert {(one.hit.rule.id, one.as_json()["path"]) for one in findings(experiment)} == {
        ("bad-question", f"{at}.probe.arguments.url")
    }
    asked["arguments"]["url"] = "http://web"  # type: ignore[index]
    assert findings(experiment) == []
    experiment["method"][0]["provider"]["arguments"]["every"] = "often"
    assert {one.as_json()["path"] for one in findings(experiment)} == {f"{at}.every"}


def test_a_variable_with_a_known_value_is_looked_through(calling: Any, found: Any) -> None:
    experiment = calling("actions.toxics.add_latency", proxy="a", latency_ms=5, duration="${long}")
    experiment["configuration"]["long"] = "ages"
    assert set(found(experiment)) == {"bad-fault"}


@pytest.mark.parametrize(
    ("name", "arguments"), [(name, arguments) for name, arguments, _ in BAD if name.startswith("actions")]
)
def test_the_action_itself_refuses_what_lint_refuses(
    name: str, arguments: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No second truth: the very call ends before its fault would reach the door."""
    monkeypatch.setattr(inject, "inject", lambda fault: pytest.fail("the fault would have gone in"))
    if name == "actions.toxics.remove":
        return  # takes out what is there; of an unknown type nothing is
    module, function = name.rsplit(".", 1)
    with pytest.raises(BadInput):
        getattr({"actions.toxics": actions.toxics, "actions.proxies": actions.proxies}[module], function)(**arguments)


def test_every_face_with_values_of_its_own_is_checked() -> None:
    ours = {found["mod"] for found in discover()["activities"]}
    assert ours - set(faces._CHECKS) == {"actions.undo", "probes.proxies"}  # names of proxies only
    for name in actions.toxics.__all__:
        if name.startswith("add_"):
            with pytest.raises(BadInput):
                faces._CHECKS["actions.toxics"](name, {"proxy": "a", "toxicity": 7}, set())
