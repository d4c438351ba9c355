"""What a person reads when a server says no: what happened, on what, what to do now."""

from typing import Any

import pytest

from chaoslib_ext.errors import (
    BadAttribute,
    ExtError,
    ProxyExists,
    ProxyFailed,
    ProxyNotFound,
    ProxyRefused,
    ToxicExists,
    ToxicNotFound,
)
from chaoslib_ext.proxy.client import Client
from chaoslib_ext.proxy.wording import Subject, retold

NOWHERE = "127.0.0.1:9"


@pytest.fixture
def client(toxiproxy: str) -> Client:
    return Client(toxiproxy)


def refusals(client: Client) -> dict[str, Any]:
    web = client.create("checkout-payment", NOWHERE)
    client.add_toxic("checkout-payment", "latency", name="slow")
    return {
        "proxy": lambda: client.proxy("chekout-payment"),
        "proxy of a toxic": lambda: client.add_toxic("chekout-payment", "latency"),
        "toxic": lambda: client.toxic("checkout-payment", "slwo"),
        "twice": lambda: client.create("checkout-payment", NOWHERE),
        "toxic twice": lambda: client.add_toxic("checkout-payment", "latency", name="slow"),
        "type": lambda: client.add_toxic("checkout-payment", "latenci"),
        "type of a new proxy": lambda: client.create("web", NOWHERE, toxics=[{"type": "noop"}, {"type": "latncy"}]),
        "port": lambda: client.create("web", NOWHERE, web.listen),
        "listen": lambda: client.create("web", NOWHERE, "nonsense"),
        "upstream": lambda: client.create("web", ""),
        "attribute": lambda: client.update_toxic("checkout-payment", "slow", attributes={"latncy": 1}),
    }


@pytest.mark.parametrize(
    ("what", "kind", "says"),
    [
        ("proxy", ProxyNotFound, 'proxy "chekout-payment" not found on http.*did you mean checkout-payment?'),
        ("proxy of a toxic", ProxyNotFound, "did you mean checkout-payment?.*chaos proxy create chekout-payment"),
        ("toxic", ToxicNotFound, 'toxic "slwo" not found on proxy "checkout-payment".*did you mean slow?'),
        ("twice", ProxyExists, 'proxy "checkout-payment" exists already on http.*chaos proxy delete'),
        ("toxic twice", ToxicExists, 'toxic "slow" exists already on proxy "checkout-payment".*update'),
        ("type", BadAttribute, 'toxic type "latenci" is unknown.*did you mean latency[?]'),
        (
            "type of a new proxy",
            BadAttribute,
            'toxic type "latncy" is unknown to http.*; did you mean latency[?] [(]known',
        ),
        ("port", ProxyFailed, 'proxy "web": .*address already in use; choose another listen address'),
        ("listen", ProxyFailed, 'proxy "web": .*missing port in address; write it as host:port'),
        ("upstream", ProxyRefused, 'proxy "web": .*missing required field: upstream'),
        ("attribute", BadAttribute, "no attribute latncy; did you mean latency?"),
    ],
)
def test_an_error_says_what_on_what_and_what_to_do(client: Client, what: str, kind: type, says: str) -> None:
    with pytest.raises(ExtError, match=says) as raised:
        refusals(client)[what]()
    assert type(raised.value) is kind
    assert "b'" not in str(raised.value) and "\n" not in str(raised.value)


@pytest.mark.go
def test_a_name_that_only_our_server_can_address(embedded: str, go_url: str) -> None:
    with pytest.raises(ProxyNotFound, match='proxy "a/b" not found'):
        Client(embedded).proxy("a/b")
    with pytest.raises(ProxyRefused, match='cannot address "a/b": a slash in a name'):
        Client(go_url).delete("a/b")


def test_a_hint_that_cannot_be_had_does_not_hide_the_error() -> None:
    def gone() -> list[str]:
        raise ProxyFailed("the server went away meanwhile")

    told = retold(
        ProxyNotFound("proxy not found"), Subject("http://s:1", "a b", type="noop", proxies=gone, toxics=gone)
    )
    assert str(told) == (
        "proxy \"a b\" not found on http://s:1 (none is known); create it with `chaos proxy create 'a b' -u HOST:PORT`"
    )


def test_who_wants_a_proxy_gone_is_not_told_to_create_it(client: Client) -> None:
    with pytest.raises(ProxyNotFound) as raised:
        client.delete("nope")
    assert str(raised.value) == f'proxy "nope" not found on {client.url} (none is known)'
