"""What an experiment may ask about proxies and their toxics."""

import pytest

from chaoslib_ext.errors import NoServer, ProxyNotFound, UnknownTarget
from chaoslib_ext.proxy import servers
from chaoslib_ext.proxy.client import Client
from probes import proxies

pytestmark = pytest.mark.joins("probes", "proxy")

NOWHERE = "127.0.0.1:9"


@pytest.fixture
def client(toxiproxy: str, monkeypatch: pytest.MonkeyPatch) -> Client:
    """A server with `cart` (two toxics) and `checkout` (none, disabled); the one the probes find."""
    monkeypatch.setenv("TOXIPROXY_URL", toxiproxy)
    client = Client(toxiproxy)
    client.create("cart", NOWHERE)
    client.add_toxic("cart", "latency", name="slow", attributes={"latency": 5})
    client.add_toxic("cart", "noop", stream="upstream")
    client.create("checkout", NOWHERE, enabled=False)
    return client


def test_the_state_of_proxies(client: Client) -> None:
    assert proxies.proxies_known() == 2
    assert proxies.names() == ["cart", "checkout"]
    assert proxies.state("cart") == client.proxy("cart").as_json()
    assert proxies.address("cart") == client.proxy("cart").listen and proxies.upstream("cart") == NOWHERE
    assert (proxies.proxy_exists("cart"), proxies.proxy_exists("car")) == (True, False)
    assert (proxies.is_enabled("cart"), proxies.is_enabled("checkout")) == (True, False)
    assert (proxies.proxies_are_enabled("cart"), proxies.proxies_are_enabled()) == (True, False)


def test_the_toxics_on_them(client: Client) -> None:
    assert (proxies.toxic_count(), proxies.toxic_count(type="latency"), proxies.toxic_count("check*")) == (2, 1, 0)
    assert [(one["proxy"], one["name"]) for one in proxies.toxics("c*")] == [
        ("cart", "noop_upstream"),
        ("cart", "slow"),
    ]
    assert proxies.has_toxic("cart") and proxies.has_toxic("cart", "latency") and proxies.has_toxic("cart", name="slow")
    assert not proxies.has_toxic("cart", "noop", "slow")
    assert not proxies.has_toxic("c*")  # checkout has none


def test_no_proxy_of_that_name_is_an_error_and_not_a_zero(client: Client) -> None:
    for ask in (proxies.toxic_count, proxies.toxics, proxies.proxies_are_enabled, proxies.has_toxic):
        with pytest.raises(UnknownTarget, match=r'proxy "crat" not found .*did you mean cart?'):
            ask("crat")
    for ask_one in (proxies.is_enabled, proxies.state, proxies.address, proxies.upstream):
        with pytest.raises(ProxyNotFound, match=r"did you mean cart?"):
            ask_one("crat")


def test_an_empty_server_has_no_toxics(embedded: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOXIPROXY_URL", embedded)
    assert (proxies.toxic_count(), proxies.proxies_known(), proxies.names()) == (0, 0, [])


def test_no_server_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(servers, "DEFAULT_URL", "http://127.0.0.1:1")
    with pytest.raises(NoServer, match="chaos lab up"):
        proxies.names()
