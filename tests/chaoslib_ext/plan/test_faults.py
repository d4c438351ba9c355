"""What the faults of an experiment would hit: rehearsed on a real server that nothing happens to."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chaoslib_ext.plan.experiment import Loaded
from chaoslib_ext.plan.faults import planned
from chaoslib_ext.plan.steps import Step
from chaoslib_ext.proxy.client import Client
from chaoslib_ext.safety import freeze


@pytest.fixture
def client(embedded: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Client]:
    monkeypatch.setenv("TOXIPROXY_URL", embedded)
    monkeypatch.chdir(tmp_path)
    found = Client(embedded)
    for name in ("cart-db", "cart-cache", "users-db"):
        found.create(name, "127.0.0.1:1")
    yield found


def step(func: str = "add_latency", module: str = "actions.toxics", **arguments: Any) -> Step:
    provider = {"type": "python", "module": module, "func": func, "arguments": arguments}
    return Step("method", ("method", 0), {"type": "action", "name": "it", "provider": provider})


def loaded(**unresolved: str) -> Loaded:
    return Loaded(Path("x.yaml"), {}, configuration={"much": 400}, unresolved=unresolved)


def test_each_target_has_its_undo_in_words(client: Client) -> None:
    before = client.proxies()
    (one,) = planned(step(proxy="cart-*", latency_ms="${much}", toxicity=0.5, duration="30s"), loaded(), offline=False)
    assert (one.says, one.share, one.duration_s) == ("latency 400 ms, downstream, 50% of connections", 0.5, 30)
    assert [hit.target.proxy for hit in one.hits] == ["cart-cache", "cart-db"]
    assert one.hits[0].undo == f"remove toxic cx-RUN-latency from cart-cache on {client.url}"
    assert one.hits[0].ruling.allowed and one.problem is None
    assert client.proxies() == before


def test_a_mistake_is_the_message_the_run_would_have_had(client: Client) -> None:
    (one,) = planned(step(proxy="cart-dp", latency_ms=1), loaded(), offline=False)
    assert one.problem and "did you mean cart-db" in one.problem and one.says == "latency 1 ms, downstream"
    (two,) = planned(step(proxy="cart-db", latency_ms=-1), loaded(), offline=False)
    assert two.problem and not two.says


def test_refused_by_the_policy_it_is_looked_at_target_by_target(client: Client) -> None:
    Path("chaos-policy.yaml").write_text("schema_version: 1\nrules: [{name: caches, allow: any, links: '*-cache'}]\n")
    (one,) = planned(step("down", "actions.proxies", proxy="cart-*"), loaded(), offline=False)
    assert [hit.ruling.allowed for hit in one.hits] == [True, False]


def test_a_freeze_and_a_senseless_fault_hide_nothing(client: Client) -> None:
    client.update("cart-db", enabled=False)
    freeze.put("x", "ann")
    (one,) = planned(step(proxy="cart-*", latency_ms=1), loaded(), offline=False)
    assert [hit.senseless is None for hit in one.hits] == [True, False]


def test_values_that_are_not_known_yet_are_no_mistake(client: Client) -> None:
    (one,) = planned(step(proxy="${where}", latency_ms=1), loaded(where="a probe gives it"), offline=False)
    assert one.unresolved == ("it needs ${where} (a probe gives it)",) and one.problem is None


def test_offline_names_are_taken_at_their_word(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOXIPROXY_URL", "http://127.0.0.1:1")
    monkeypatch.chdir(tmp_path)
    link = "{name: cart-db, listen: '127.0.0.1:2', upstream: '127.0.0.1:1', tags: [database], service: postgres}"
    (tmp_path / "links.yaml").write_text(f"schema_version: 1\nlinks: [{link}]\n")
    (one,) = planned(step(proxy=["web", "cart-*", "tag:database", "tag:none"], latency_ms=1), loaded(), offline=True)
    assert [hit.target.proxy for hit in one.hits] == ["web", "cart-db"]
    assert one.hits[1].service == "postgres" and "from web on its server" in one.hits[0].undo
    assert one.unresolved[0] == "which proxies cart-* means, only the server knows"
    assert 'no link has the tag "none"' in one.unresolved[1] and one.problem is None


def test_what_only_takes_back_puts_nothing_in(client: Client) -> None:
    (one,) = planned(step("remove"), loaded(), offline=False)
    assert (one.says, one.hits, one.problem) == ("", (), None)


def test_it_is_plain_data(client: Client) -> None:
    (one,) = planned(step(proxy="users-db", latency_ms=1), loaded(), offline=False)
    told = one.as_json()
    assert told["reversibility"] == "reversible" and told["targets"][0]["proxy"] == "users-db"
    assert told["targets"][0]["policy"]["says"] == "no policy: everything is allowed"
