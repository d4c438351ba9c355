"""A fault that somebody took out, changed, or whose server went: it is told, and a deadline's undo is not."""

import socket
from collections.abc import Callable
from typing import Any

import pytest

from chaoslib_ext.faults.inject import inject
from chaoslib_ext.faults.proxy_down import ProxyDown
from chaoslib_ext.faults.run import current
from chaoslib_ext.faults.toxic import Toxic
from chaoslib_ext.faults.vanished import vanished
from chaoslib_ext.proxy.client import Client
from chaoslib_ext.testing.faults import World

SLOW = Toxic(proxy="web-http", type="latency", attributes={"latency": 40})


def told(evidence: dict[int, Any] | None = None) -> list[str]:
    return [says for _, says in vanished(current(), evidence or {})]


def put(fault: Any) -> dict[int, Any]:
    return {one.undo: one.model_dump(mode="json") for one in inject(fault).faults}


def test_what_is_in_is_in(world: World) -> None:
    evidence = put(SLOW) | put(ProxyDown(proxy="orders-postgresql"))
    assert told(evidence) == []


@pytest.mark.parametrize(
    ("act", "says"),
    [
        (lambda client: client.reset(), "somebody removed the toxic"),
        (lambda client: client.delete("web-http"), "somebody deleted the proxy"),
        (
            lambda client: client.update_toxic("web-http", client.toxics("web-http")[-1].name, toxicity=0.5),
            "somebody changed the toxic",
        ),
    ],
)
def test_what_somebody_did_to_it(world: World, act: Callable[[Client], Any], says: str) -> None:
    evidence = put(SLOW)
    name = next(iter(evidence.values()))["toxic"]["name"]
    assert world.client.toxics("web-http")[-1].name == name
    act(world.client)
    (said,) = told(evidence)
    assert said.startswith("latency on web-http") and says in said


@pytest.mark.parametrize("fault", [SLOW, ProxyDown(proxy="web-http")], ids=["toxic", "down"])
@pytest.mark.parametrize("part", ["listen", "upstream"])
def test_a_proxy_that_was_moved_says_what_from_where_to_where(world: World, fault: Any, part: str) -> None:
    evidence = put(fault)
    before = getattr(world.client.proxy("web-http"), part)
    with socket.create_server(("127.0.0.1", 0)) as free:
        to = f"127.0.0.1:{free.getsockname()[1]}"
    world.client.update("web-http", **{part: to})
    (said,) = told(evidence)
    assert said.endswith(
        f" on web-http is on another link than it was put on: the proxy was moved, {part} from {before} to {to}"
    )
    world.client.update("web-http", **{part: before})
    current().undo_all("hand")


def test_a_proxy_that_somebody_let_listen_again(world: World) -> None:
    inject(ProxyDown(proxy="orders-postgresql"))
    world.client.update("orders-postgresql", enabled=True)
    (said,) = told()
    assert "somebody let the proxy listen again" in said


def test_what_was_undone_before_is_not_asked_for(world: World) -> None:
    inject(SLOW)
    current().undo_all("hand")
    assert told() == []
