"""What is on: from the undo logs and from the servers, each told apart."""

from datetime import datetime

import pytest

from chaoslib_ext.clock import SYSTEM
from chaoslib_ext.faults.inject import inject
from chaoslib_ext.faults.live import live
from chaoslib_ext.faults.proxy_down import ProxyDown
from chaoslib_ext.faults.run import begin, current
from chaoslib_ext.faults.toxic import Toxic
from chaoslib_ext.proxy.client import Client
from chaoslib_ext.testing.faults import World
from chaoslib_ext.undo.owner import person

pytestmark = pytest.mark.joins("faults", "proxy", "undo")


def test_nothing_is_on() -> None:
    assert live() == ([], [])


def test_a_toxic_and_a_proxy_that_is_down_with_who_since_when_and_until_when(world: World) -> None:
    began = SYSTEM.wall()
    begin(title="Why?")
    inject(Toxic(proxy="web-http", type="latency", attributes={"latency": 40}, duration="5m"))
    inject(ProxyDown(proxy="orders-postgresql"))
    found, problems = live()
    assert not problems and [one.proxy for one in found] == ["web-http", "orders-postgresql"]
    slow, down = found
    assert (slow.fault, slow.what) == ("latency", "latency 40, jitter 0, downstream")
    assert (down.fault, down.what) == ("down", "refuses every connection")
    for one in found:
        assert (one.run, one.title, one.by, one.server) == (current().id, "Why?", person(), world.client.url)
        assert one.alive is True and one.seen is True
        assert began <= datetime.fromisoformat(one.since) <= SYSTEM.wall()
    assert slow.until and datetime.fromisoformat(slow.until) > began and down.until is None


def test_a_server_that_is_spelt_in_two_ways_is_one(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    inject(Toxic(proxy="web-http", type="noop"))
    inject(ProxyDown(proxy="orders-postgresql"))
    monkeypatch.setenv("TOXIPROXY_URL", world.client.url.replace("127.0.0.1", "LOCALHOST"))
    found, problems = live()
    assert not problems and [(one.fault, one.seen) for one in found] == [("noop", True), ("down", True)]


def test_what_its_server_no_longer_shows_is_said(world: World) -> None:
    inject(Toxic(proxy="web-http", type="noop"))
    world.client.reset()
    assert [one.seen for one in live()[0]] == [False]
    world.client.delete("web-http")
    assert [one.seen for one in live()[0]] == [False]


def test_a_toxic_that_no_log_here_knows_is_anothers(client: Client, world: World) -> None:
    client.add_toxic("web-http", "latency", name="cx-abc123-latency", attributes={"latency": 7})
    (one,), problems = live()
    assert not problems and (one.run, one.alive, one.since, one.seen) == ("abc123", None, "", True)
    assert one.by_hand and one.by_hand.endswith("/proxies/web-http/toxics/cx-abc123-latency")


def test_what_was_made_by_hand_is_on_too(client: Client, world: World) -> None:
    client.add_toxic("web-http", "latency", name="by hand", attributes={"latency": 7})
    client.update("web-http", enabled=False)
    (down, slow), problems = live()
    assert not problems and (down.fault, down.run, slow.fault, slow.run) == ("down", "", "latency", "")
    assert down.by_hand == f"chaos proxy toggle web-http --url {client.url}"
    assert slow.by_hand == f"chaos proxy toxic remove web-http -n 'by hand' --url {client.url}"


def test_a_server_that_is_gone_does_not_hide_what_the_log_says(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    inject(Toxic(proxy="web-http", type="noop"))
    monkeypatch.setenv("TOXIPROXY_URL", "http://127.0.0.1:1")
    (one,), (problem,) = live()
    assert one.seen is True
    assert "http://127.0.0.1:1" in problem and "told from the undo logs alone" in problem
