"""Each action puts in what it says, on both servers, and proves it."""

import inspect
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from actions import toxics
from chaoslib_ext.errors import BadAttribute, UnknownTarget
from chaoslib_ext.faults.run import end_current
from chaoslib_ext.faults.settings import SETTINGS
from chaoslib_ext.links.file import Link, written
from chaoslib_ext.proxy.client import Client, ToxicState
from chaoslib_ext.proxy.hold import NAME

pytestmark = pytest.mark.joins("actions", "faults", "proxy")

CASES: list[tuple[Callable[..., dict[str, Any]], dict[str, int], str, dict[str, int]]] = [
    (toxics.add_latency, {"latency_ms": 60, "jitter_ms": 5}, "latency", {"latency": 60, "jitter": 5}),
    (toxics.add_bandwidth, {"rate_kb_per_s": 20}, "bandwidth", {"rate": 20}),
    (
        toxics.add_slicer,
        {"average_size_bytes": 500, "size_variation_bytes": 100, "delay_us": 5000},
        "slicer",
        {"average_size": 500, "size_variation": 100, "delay": 5000},
    ),
    (toxics.add_timeout, {"timeout_ms": 100}, "timeout", {"timeout": 100}),
    (toxics.add_timeout, {}, "timeout", {"timeout": 0}),
    (toxics.add_reset_peer, {"timeout_ms": 20}, "reset_peer", {"timeout": 20}),
    (toxics.add_slow_close, {"delay_ms": 60}, "slow_close", {"delay": 60}),
    (toxics.add_limit_data, {"bytes": 20}, "limit_data", {"bytes": 20}),
]


def only(client: Client) -> ToxicState:
    """The toxic on `web`, besides the run's hold on it."""
    (toxic,) = (one for one in client.toxics("web") if one.name != NAME)
    return toxic


@pytest.mark.parametrize(("action", "asked", "type", "attributes"), CASES, ids=[case[0].__name__ for case in CASES])
def test_it_is_in_it_bites_and_it_is_out(
    client: Client, action: Callable[..., dict[str, Any]], asked: dict[str, int], type: str, attributes: dict[str, int]
) -> None:
    told = action("web", **asked, stream="upstream", duration="1m")
    toxic = only(client)
    assert (toxic.type, toxic.stream, toxic.toxicity, toxic.attributes) == (type, "upstream", 1, attributes)
    (evidence,) = json.loads(json.dumps(told))["faults"]
    assert evidence["bit"] is True, evidence["measured"]
    assert (evidence["run"], evidence["duration_s"]) == (told["run"], 60)
    end_current()
    assert not client.toxics("web")


def test_any_toxic_by_toxiproxys_own_words(client: Client) -> None:
    toxics.add("web", "latency", {"latency": 30}, toxicity=0.5)
    toxic = only(client)
    assert toxic.attributes == {"latency": 30, "jitter": 0} and toxic.toxicity == 0.5


@pytest.mark.joins("faults", "links")
def test_links_by_their_tag_and_by_who_stands_behind_them(
    client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "links.yaml"
    monkeypatch.setenv("CHAOS_LINKS", str(file))
    there = client.proxy("web")
    written(file, [Link("web", there.listen, there.upstream, ("internal",), "shop")])
    for name in ("tag:internal", "service:shop", "we*", ["tag:internal", "web"]):
        told = toxics.add_latency(name, 30, duration="1m")
        assert [one["target"]["proxy"] for one in told["faults"]] == ["web"]
        end_current()
    with pytest.raises(UnknownTarget, match='no link has the tag "internl"; did you mean internal'):
        toxics.add_latency("tag:internl", 30)
    assert not client.toxics("web")


def test_several_proxies_by_a_glob_or_a_list(client: Client) -> None:
    client.create("other", "127.0.0.1:1")
    assert len(toxics.add_latency("*", 30)["faults"]) == 2
    assert len(toxics.add_latency(["web", "oth*"], 30)["faults"]) == 2


def test_remove_takes_out_what_this_run_put_in(client: Client) -> None:
    client.add_toxic("web", "noop", name="someone-elses")
    toxics.add_latency("web", 30)
    toxics.add_slow_close("web", 30)
    assert [one["status"] for one in toxics.remove("web", "latency")["undone"]] == ["undone"]
    assert [one["status"] for one in toxics.remove()["undone"]] == ["undone"]
    assert toxics.remove()["undone"] == []
    assert only(client).name == "someone-elses"


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        (lambda: toxics.add_latency("wep", 30), UnknownTarget),
        (lambda: toxics.add_latency("web", -30), BadAttribute),
        (lambda: toxics.add_bandwidth("web", -1), BadAttribute),
        (lambda: toxics.add_slicer("web", 0), BadAttribute),
        (lambda: toxics.add_slicer("web", 10, 11), BadAttribute),
        (lambda: toxics.add("web", "lag"), BadAttribute),
        (lambda: toxics.add_latency("web", 30, stream="sideways"), BadAttribute),
        (lambda: toxics.add_latency("web", 30, toxicity=7), BadAttribute),
        (lambda: toxics.add_latency("web", 30, duration="soon"), BadAttribute),
    ],
)
def test_nonsense_is_refused_and_nothing_is_in(client: Client, wrong: Callable[[], object], error: type) -> None:
    with pytest.raises(error):
        wrong()
    assert not client.toxics("web")


def test_every_toxic_has_its_action_and_all_take_the_same_keywords() -> None:
    assert {name.removeprefix("add_") for name in toxics.__all__ if name.startswith("add_")} == {*SETTINGS} - {"noop"}
    for name in toxics.__all__:
        parameters = inspect.signature(getattr(toxics, name)).parameters
        assert next(iter(parameters)) == "proxy"
        if name.startswith("add"):
            shared = [one.name for one in parameters.values() if one.kind is one.KEYWORD_ONLY]
            assert shared == ["stream", "toxicity", "duration", "seed"], name
