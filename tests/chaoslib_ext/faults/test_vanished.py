"""A fault that somebody took out, changed, or whose server went: it is told, and a deadline's undo is not."""

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


def told(toxics: dict[int, Any] | None = None) -> list[str]:
    return [says for _, says in vanished(current(), toxics or {})]


def put(fault: Any) -> dict[int, Any]:
    return {one.undo: one.toxic for one in inject(fault).faults}


def test_what_is_in_is_in(world: World) -> None:
    toxics = put(SLOW)
    inject(ProxyDown(proxy="orders-postgresql"))
    assert told(toxics) == []


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
    toxics = put(SLOW)
    name = next(iter(toxics.values()))["name"]
    assert world.client.toxics("web-http")[-1].name == name
    act(world.client)
    (said,) = told(toxics)
    assert said.startswith("latency on web-http") and says in said


def test_a_proxy_that_somebody_let_listen_again(world: World) -> None:
    inject(ProxyDown(proxy="orders-postgresql"))
    world.client.update("orders-postgresql", enabled=True)
    (said,) = told()
    assert "somebody let the proxy listen again" in said


def test_what_was_undone_before_is_not_asked_for(world: World) -> None:
    inject(SLOW)
    current().undo_all("hand")
    assert told() == []
