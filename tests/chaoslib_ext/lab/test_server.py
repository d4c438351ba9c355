import socket

import pytest

from chaoslib_ext.faults.targets import resolved
from chaoslib_ext.lab.layout import LINKS
from chaoslib_ext.lab.ports import HOST, Ports
from chaoslib_ext.lab.server import put_links, server_answers
from chaoslib_ext.lab.state import LabState
from chaoslib_ext.proxy import servers
from chaoslib_ext.proxy.client import Client

pytestmark = pytest.mark.joins("lab", "proxy")

UPSTREAMS = {link.to: 20000 + n for n, link in enumerate(LINKS)}


@pytest.fixture(autouse=True)
def any_port(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHAOS_LAB_PORTS", "free")


def test_links_are_put_once_and_then_left_alone_toxics_and_all(embedded: str) -> None:
    listens = put_links(embedded, Ports(), UPSTREAMS, {})
    Client(embedded).add_toxic("checkout-payment", "latency", attributes={"latency": 5})
    assert put_links(embedded, Ports(), UPSTREAMS, listens) == listens
    assert len(Client(embedded).toxics("checkout-payment")) == 1


def test_a_process_that_moved_is_followed_and_the_link_stays_where_it_was(embedded: str) -> None:
    listens = put_links(embedded, Ports(), UPSTREAMS, {})
    assert put_links(embedded, Ports(), {**UPSTREAMS, "payment": 29999}, listens) == listens
    assert Client(embedded).proxy("checkout-payment").upstream == f"{HOST}:29999"


def test_a_link_that_was_deleted_comes_back_where_it_was(embedded: str) -> None:
    listens = put_links(embedded, Ports(), UPSTREAMS, {})
    Client(embedded).delete("catalog-valkey")
    assert put_links(embedded, Ports(), UPSTREAMS, listens) == listens


def test_a_port_taken_meanwhile_is_changed(embedded: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server((HOST, 0)) as thief:
        monkeypatch.setattr(Ports, "pick", lambda *_: thief.getsockname()[1])
        listens = put_links(embedded, Ports(), UPSTREAMS, {})
    assert len(set(listens.values())) == len(LINKS)


def test_the_labs_server_is_known_to_every_run(shared_lab: LabState) -> None:
    assert server_answers(shared_lab)
    assert servers.resolve() == shared_lab.server


@pytest.mark.joins("lab", "links")
def test_the_labs_links_have_tags_and_services_that_an_experiment_may_name(shared_lab: LabState) -> None:
    client = Client(str(shared_lab.server))
    meant = {wanted: {one.name for one in resolved(client, wanted)} for wanted in ("tag:database", "service:payment")}
    assert meant == {
        "tag:database": {"catalog-postgres", "cart-postgres", "orders-postgres"},
        "service:payment": {"checkout-payment"},
    }
