"""The whole plan of an experiment, on a real server."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chaoslib_ext.clock import SYSTEM
from chaoslib_ext.errors import BadFile
from chaoslib_ext.faults.run import begin, end_current
from chaoslib_ext.plan.experiment import Loaded, load
from chaoslib_ext.plan.plan import plan
from chaoslib_ext.proxy import hold
from chaoslib_ext.proxy.client import Client
from chaoslib_ext.proxy.freeze import Words, put
from chaoslib_ext.safety import freeze
from chaoslib_ext.testing.upstream import Upstream, http

pytestmark = pytest.mark.joins("plan", "faults", "proxy", "safety", "links", "record")


@pytest.fixture
def client(embedded: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Client]:
    monkeypatch.setenv("TOXIPROXY_URL", embedded)
    monkeypatch.chdir(tmp_path)
    found = Client(embedded)
    with Upstream(http) as service:
        for name in ("web-http", "api-http", "spare"):
            found.create(name, service.address)
        yield found
    end_current()


def action(module: str, func: str, name: str = "", **arguments: Any) -> dict[str, Any]:
    provider = {"type": "python", "module": module, "func": func, "arguments": arguments}
    return {"type": "action", "name": name or func, "provider": provider}


def slow(proxy: str = "web-http", **more: Any) -> dict[str, Any]:
    return action("actions.toxics", "add_latency", proxy=proxy, latency_ms=40, **more)


KILL = action("chaosk8s.pod.actions", "terminate_pods", "kill-pods")


def loaded(*method: dict[str, Any], **more: Any) -> Loaded:
    return Loaded(Path("x.yaml"), {"title": "Does it hold?", "description": "y", "method": list(method), **more})


def test_it_says_what_would_happen_and_that_nothing_speaks_against_it(client: Client) -> None:
    before = client.proxies()
    found = plan(loaded(slow(duration="30s"), KILL), has_control=True)
    assert found.would_run and found.problems == ()
    assert (found.server, found.proxies) == (client.url, 3)
    assert [one.says for one in found.faults] == ["latency 40 ms, downstream"]
    assert [back.reversibility for _, back in found.guests] == ["self-healing"]
    assert found.lasts.unbounded == ("kill-pods",)
    assert client.proxies() == before
    told = found.as_json()
    assert told["schema_version"] == 1 and told["would_run"] is True
    assert told["other_actions"][0]["says"] == "their controller makes new pods; a bare pod is gone"


@pytest.mark.parametrize(
    ("text", "method", "says"),
    [
        ("rules: [{name: no, refuse: any, links: '*', why: sale}]", [slow()], '"no": sale'),
        (
            "at_once: {links_per_run: 1}\nrules: [{name: a, allow: any, links: '*'}]",
            [slow(), slow("spare")],
            "this hits 2",
        ),
        ("other_actions: refused\nrules: [{name: a, allow: any, links: '*'}]", [KILL], "kill-pods"),
        ("rulez: []", [KILL], "cannot be used, so nothing is allowed"),
        ("rules: [{name: a, allow: any, links: '*', control: required}]", [slow()], "it needs our control"),
        ("rules: [{name: a, allow: any, links: '*', approval: required}]", [slow()], "nobody has approved it"),
    ],
)
def test_what_the_policy_says_against_it(client: Client, text: str, method: list[dict[str, Any]], says: str) -> None:
    Path("chaos-policy.yaml").write_text(f"schema_version: 1\n{text}\n")
    found = plan(loaded(*method))
    assert len(found.problems) == 1 and says in found.problems[0], found.problems


def test_a_word_of_the_policy_that_means_nothing_here_is_told_and_refuses_nothing(client: Client) -> None:
    Path("chaos-policy.yaml").write_text(
        "schema_version: 1\nrules:\n- {name: a, refuse: any, links: [tag:cahce, spare]}\n"
        "- {name: b, allow: any, links: '*'}\n"
    )
    link = "{name: web-http, listen: '127.0.0.1:1', upstream: '127.0.0.1:2', tags: [cache]}"
    Path("links.yaml").write_text(f"schema_version: 1\nlinks: [{link}]\n")
    found = plan(loaded(slow()))
    (note,) = found.policy_notes
    assert 'chaos-policy.yaml:3 "a": no link here has the tag cahce; did you mean cache?' in note


def test_a_freeze_speaks_against_it(client: Client) -> None:
    freeze.put("checkout is down", "ann")
    found = plan(loaded(slow()))
    assert found.frozen and found.problems == (found.frozen,)


def test_a_freeze_on_the_server_itself_speaks_against_it(client: Client) -> None:
    put(client, Words(since=SYSTEM.wall(), by="ann@ops", why="the sale"))
    found = plan(loaded(slow()))
    assert found.frozen and "by ann@ops: the sale" in found.frozen and found.problems[0] == found.frozen


def test_a_link_that_a_run_of_elsewhere_holds_is_told(client: Client) -> None:
    hold.take(client, "web-http", "0a0b0c")
    hold.take(client, "spare", "0a0b0c")
    found = plan(loaded(slow()))
    assert [(one.proxy, one.run) for one in found.held] == [("web-http", "0a0b0c")]
    assert found.would_run, "told, not refused: it may be free by then"


def test_faults_that_are_on_now_are_told_and_those_on_the_same_link_apart(client: Client) -> None:
    from actions import toxics

    begin()
    toxics.add_latency(["web-http", "spare"], 40)
    found = plan(loaded(slow(duration="1m")))
    assert len(found.on_now) == 2 and [one.proxy for one in found.conflicts] == ["web-http"]
    assert found.would_run, "told, not refused: what is on may be over by then"


def test_a_value_that_nobody_will_give_speaks_against_it(client: Client) -> None:
    one = loaded(slow())
    one.unresolved["x"] = "the environment variable X is not set"
    one.without_value.add("x")
    assert plan(one).problems == ("configuration x: the environment variable X is not set",)
    assert plan(one, offline=True).problems == (), "the desk is not the place where it runs"


def test_flapping_takes_its_time(client: Client) -> None:
    flap = action("actions.proxies", "flap", proxy="web-http", down_for="2s", up_for="1s", times=3)
    assert plan(loaded(flap)).lasts.known_s == 8
    nonsense = action("actions.proxies", "flap")
    nonsense["provider"]["arguments"] = ["web-http"]
    assert plan(loaded(nonsense)).lasts.known_s == 0
    odd = action("actions.proxies", "flap", proxy="web-http", down_for="soon")
    assert plan(loaded(odd)).lasts.known_s == 0


ODD = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=4)
    | st.sampled_from(["${a}", "probes.http", "*", "tag:x"]),
    lambda below: (
        st.lists(below, max_size=2) | st.dictionaries(st.sampled_from(["proxy", "type", "a"]), below, max_size=3)
    ),
    max_leaves=5,
)
PARTS = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["action", "probe"]) | ODD,
        "name": ODD,
        "pauses": ODD | st.fixed_dictionaries({"before": ODD, "after": ODD}),
        "background": ODD,
        "tolerance": ODD,
        "ref": ODD,
        "provider": ODD
        | st.fixed_dictionaries(
            {"type": st.sampled_from(["python", "process", "http"]) | ODD},
            optional={
                "module": st.sampled_from(["actions.toxics", "actions.proxies", "probes.http", "chaosk8s.pod.actions"])
                | ODD,
                "func": st.sampled_from(["add_latency", "add", "flap", "down", "up", "status"]) | ODD,
                "arguments": ODD
                | st.dictionaries(st.sampled_from(["proxy", "latency_ms", "type", "times", "duration", "url"]), ODD),
                "timeout": ODD,
            },
        ),
    },
)


@given(
    method=st.lists(PARTS, max_size=2),
    rest=st.dictionaries(
        st.sampled_from(["configuration", "rollbacks", "steady-state-hypothesis", "controls", "title"]),
        ODD | st.fixed_dictionaries({"probes": st.lists(PARTS, max_size=1)}),
    ),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_no_experiment_ends_in_a_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: list[Any], rest: dict[str, Any]
) -> None:
    from chaoslib_ext.cli._plan_text import lines

    monkeypatch.chdir(tmp_path)
    path = tmp_path / "any.json"
    path.write_text(json.dumps({"title": "x", "description": "y", "method": method, **rest}))
    try:
        found = plan(load(path), offline=True)
    except BadFile:
        return
    assert lines(found) and json.dumps(found.as_json())


def test_offline_nobody_is_asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TOXIPROXY_URL", "http://127.0.0.1:1")
    monkeypatch.setattr("socket.socket.connect", lambda *_: pytest.fail("somebody was asked"))
    ask = {"type": "probe", "name": "up", "provider": {"type": "http", "url": "http://127.0.0.1:1"}, "tolerance": 200}
    found = plan(loaded(slow(), **{"steady-state-hypothesis": {"title": "x", "probes": [ask]}}), offline=True)
    assert found.would_run and found.answers == () and found.server is None
