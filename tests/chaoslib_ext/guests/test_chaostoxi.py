"""The way back of each action of chaostoxi, as the server is before it."""

import inspect
from importlib import import_module
from typing import Any

import pytest

from chaoslib_ext.guests.chaostoxi import is_known, way_back
from chaoslib_ext.proxy.client import Client
from chaoslib_ext.proxy.undo import UNDOERS

TOXICS, PROXIES = "chaostoxi.toxic.actions", "chaostoxi.proxy.actions"
HARMLESS = {"delete_toxic", "reset"}
"""Actions without an inverse of ours: they take away what others put in."""


def test_every_action_of_the_package_is_known_or_has_no_inverse() -> None:
    for module in (TOXICS, PROXIES):
        for name in import_module(module).__all__:
            assert is_known(module, name) != (name in HARMLESS), name
            called = "for_proxy" if module == TOXICS else "proxy_name"
            assert name in HARMLESS or called in inspect.signature(getattr(import_module(module), name)).parameters


@pytest.fixture
def client(embedded: str) -> Client:
    client = Client(embedded)
    client.create("web", "127.0.0.1:9")
    client.add_toxic("web", "latency", name="theirs")
    client.add_toxic("web", "latency", name="cx-ab12-latency")
    return client


def back(client: Client, module: str, func: str, **arguments: Any) -> Any:
    return way_back(module, func, arguments, {"toxiproxy_url": client.url})


def test_a_new_toxic_is_removed_and_one_that_was_there_is_not(client: Client) -> None:
    found = back(client, TOXICS, "create_toxic", for_proxy="web", toxic_name="mine")
    assert found.op == "remove_named_toxic" and found.args["toxic"] == "mine"
    assert back(client, TOXICS, "create_toxic", for_proxy="web", toxic_name="theirs") is None
    assert back(client, TOXICS, "create_toxic", for_proxy="nowhere", toxic_name="mine") is None


@pytest.mark.joins("guests", "proxy")
def test_a_proxy_is_put_back_as_it_was_without_faults_of_ours(client: Client) -> None:
    found = back(client, PROXIES, "delete_proxy", proxy_name="web")
    assert found.op == "restore_proxy" and [one["name"] for one in found.args["toxics"]] == ["theirs"]
    client.delete("web")
    undoer = UNDOERS[found.op]
    assert not undoer.verify(found.args)
    assert undoer.undo(found.args) == "undone" and undoer.verify(found.args)
    assert [one.name for one in client.toxics("web")] == ["theirs"]
    assert undoer.undo(found.args) == "already gone"


def test_a_proxy_that_is_there_is_not_deleted_for_an_action_that_fails(client: Client) -> None:
    assert back(client, PROXIES, "create_proxy", proxy_name="web") is None
    assert back(client, PROXIES, "create_proxy", proxy_name="fresh").op == "delete_proxy"


def test_no_server_is_no_way_back() -> None:
    arguments = {"for_proxy": "web", "toxic_name": "mine"}
    assert way_back(TOXICS, "create_toxic", arguments, {"toxiproxy_url": "http://127.0.0.1:1"}) is None
    assert way_back(TOXICS, "create_toxic", {"for_proxy": 3}, {}) is None
    assert way_back("os", "remove", arguments, {}) is None
