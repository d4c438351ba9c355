"""An experiment's faults, tried before it begins."""

from pathlib import Path
from typing import Any

import pytest

from chaoslib_ext.errors import NoServer
from chaoslib_ext.faults.preflight import problems, too_many_links
from chaoslib_ext.testing.faults import World
from chaoslib_ext.undo.log import logs


def action(func: str, module: str = "actions.toxics", **arguments: Any) -> dict[str, Any]:
    return {
        "type": "action",
        "name": func,
        "provider": {"type": "python", "module": module, "func": func, "arguments": arguments},
    }


def test_a_good_experiment_has_no_problems_and_nothing_is_touched(world: World) -> None:
    before = world.looks()
    experiment = {
        "steady-state-hypothesis": {"title": "x", "probes": [action("ping", "probes.none")]},
        "method": [
            action("add_latency", proxy="${where}", latency_ms="${much}", duration="1m"),
            action("add", proxy="*", type="limit_data", attributes={"bytes": 1}),
            action("down", "actions.proxies", proxy="web-http"),
        ],
        "rollbacks": [action("remove"), action("up", "actions.proxies", proxy="web-http"), {"ref": "slow"}],
    }
    assert problems(experiment, {"where": "web-http", "much": 100}, {}) == []
    assert world.looks() == before
    assert not logs()


@pytest.mark.parametrize(
    ("activity", "says"),
    [
        (action("add_latency", proxy="wep-http", latency_ms=1), 'no proxy is called "wep-http".*did you mean web-http'),
        (action("add_latency", proxy="cart-*", latency_ms=1), "no proxy matches"),
        (action("add_latency", proxy="web-http"), "the argument latency_ms is missing"),
        (action("add_latency", proxy="web-http", latency=1), "no argument latency; did you mean latency_ms"),
        (action("add_latency", proxy="web-http", latency_ms=-1), "greater than or equal to 0"),
        (action("add_latency", proxy="web-http", latency_ms=1, toxicity=2), "toxicity"),
        (action("add_latency", proxy="web-http", latency_ms=1, toxicity=0), "a toxicity of 0 hits nothing"),
        (action("add_latency", proxy="web-http", latency_ms=0), "delays nothing; leave the action out"),
        (action("add_latency", proxy="web-http", latency_ms=1, duration="soon"), "30s"),
        (action("add_latancy", proxy="web-http", latency_ms=1), "no such action; did you mean add_latency"),
        (action("add", proxy="web-http", type="lag"), 'no toxic "lag"'),
        (action("down", "actions.proxies", proxy="nope"), "no proxy is called"),
        (action("down", "actions.proxies", proxy="off"), "disabled already"),
        (action("remove", proxy="nope"), "no proxy is called"),
    ],
)
def test_each_mistake_is_one_message_that_names_the_action(world: World, activity: dict[str, Any], says: str) -> None:
    import re

    world.client.create("off", "127.0.0.1:1", enabled=False)
    good = action("add_latency", proxy="web-http", latency_ms=1)
    (told,) = problems({"method": [good, activity]}, {}, {})
    provider = activity["provider"]
    assert told.startswith(f"{provider['module']}.{provider['func']}: ")
    assert re.search(says, told)


def test_all_mistakes_are_told_at_once(world: World) -> None:
    wrong = [action("add_latency", proxy="nope", latency_ms=1), action("add_slow_close", proxy="web-http")]
    assert len(problems({"method": wrong, "rollbacks": [action("remove", proxy="nope")]}, {}, {})) == 3


def test_without_a_server_that_is_the_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chaoslib_ext.proxy.servers.DEFAULT_URL", "http://127.0.0.1:9")
    (told,) = problems({"method": [action("add_latency", proxy="web", latency_ms=1)]}, {}, {})
    assert "no Toxiproxy server found" in told
    assert NoServer.__doc__


def test_an_experiment_without_our_actions_asks_no_server() -> None:
    assert problems({"method": [action("x", "somebody.elses")]}, {}, {}) == []
    assert problems({}, {}, {}) == []


def test_the_links_of_all_faults_together_are_held_against_the_policy(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    experiment = {"method": [action("add_latency", proxy=name, latency_ms=9) for name in ("web-http", "orders-*")]}
    assert too_many_links(experiment, {}, {}) == []
    head = "schema_version: 1\nrules: [{name: all, allow: any, links: '*'}]\nat_once: "
    (tmp_path / "chaos-policy.yaml").write_text(head + "{links_per_run: 2}")
    assert too_many_links(experiment, {}, {}) == []
    (tmp_path / "chaos-policy.yaml").write_text(head + "{links_per_run: 1}")
    (told,) = too_many_links(experiment, {}, {})
    assert "allows 1 links to one run" in told and "this hits 2: orders-postgresql, web-http" in told
    assert problems(experiment, {}, {}) == [], "each alone is allowed"
