"""The client against the embedded server and the real one: what a caller gets back, and what an error says."""

import threading

import pytest

from chaoslib_ext.errors import (
    BadAttribute,
    ProxyFailed,
)
from chaoslib_ext.proxy.client import Client

NOWHERE = "127.0.0.1:9"


@pytest.fixture
def client(toxiproxy: str) -> Client:
    return Client(toxiproxy)


def test_a_proxy_from_its_creation_to_its_end(client: Client) -> None:
    made = client.create("web", NOWHERE)
    assert (made.name, made.upstream, made.enabled, made.toxics) == ("web", NOWHERE, True, ())
    assert made.listen.startswith("127.0.0.1:") and not made.listen.endswith(":0")
    assert client.proxies() == {"web": made}
    assert client.update("web", enabled=False) == made.model_copy(update={"enabled": False})
    assert client.update("web", upstream="127.0.0.1:10").upstream == "127.0.0.1:10"
    client.delete("web")
    assert client.proxies() == {}


def test_a_toxic_from_its_creation_to_its_end(client: Client) -> None:
    client.create("web", NOWHERE)
    made = client.add_toxic("web", "latency", stream="upstream", attributes={"latency": 400})
    assert made.as_json() == {
        "name": "latency_upstream",
        "type": "latency",
        "stream": "upstream",
        "toxicity": 1.0,
        "attributes": {"latency": 400, "jitter": 0},
    }
    assert client.toxic("web", "latency_upstream") == made
    assert client.toxics("web") == [made] == list(client.proxy("web").toxics)
    client.remove_toxic("web", "latency_upstream")
    assert client.toxics("web") == []


def test_an_update_leaves_alone_what_it_does_not_name(client: Client) -> None:
    client.create("web", NOWHERE)
    client.add_toxic("web", "latency", name="slow", toxicity=0.25, attributes={"latency": 400, "jitter": 50})
    changed = client.update_toxic("web", "slow", attributes={"latency": 800})
    assert (changed.toxicity, changed.attributes) == (0.25, {"latency": 800, "jitter": 50})
    changed = client.update_toxic("web", "slow", toxicity=0.5)
    assert (changed.toxicity, changed.attributes) == (0.5, {"latency": 800, "jitter": 50})


@pytest.mark.parametrize("name", ["a b", "ä?x#y%2F&z", "..."])
def test_any_name_that_can_be_created_can_be_addressed(client: Client, name: str) -> None:
    client.create(name, NOWHERE)
    client.add_toxic(name, "noop", name=name)
    assert client.toxic(name, name).name == client.proxy(name).name == name
    client.remove_toxic(name, name)
    client.delete(name)


def test_a_seed_is_shown_by_a_server_that_honours_it_and_by_no_other(
    client: Client, request: pytest.FixtureRequest
) -> None:
    client.create("web", NOWHERE)
    honoured = 7 if request.node.callspec.params["toxiproxy"] == "embedded" else None
    assert client.add_toxic("web", "latency", seed=7).seed == client.toxics("web")[0].seed == honoured


def test_toxics_come_with_their_proxy(client: Client) -> None:
    toxics = [{"type": "latency", "attributes": {"latency": 5}}, {"type": "noop", "stream": "upstream"}]
    made = client.create("web", NOWHERE, toxics=toxics)
    assert {one.name for one in made.toxics} == {"latency_downstream", "noop_upstream"}


def test_no_proxy_stays_if_one_of_its_toxics_is_refused(client: Client) -> None:
    with pytest.raises(BadAttribute):
        client.create("web", NOWHERE, toxics=[{"type": "latency"}, {"type": "no_such"}])
    assert client.proxies() == {}


def test_populate_keeps_what_is_there_and_replaces_what_differs(client: Client) -> None:
    first = client.create("same", NOWHERE)
    client.add_toxic("same", "latency")
    client.create("other", NOWHERE)
    kept, replaced, new = client.populate(
        [
            {"name": "same", "listen": first.listen, "upstream": NOWHERE},
            {"name": "other", "listen": "127.0.0.1:0", "upstream": "127.0.0.1:10"},
            {"name": "new", "listen": "127.0.0.1:0", "upstream": NOWHERE, "enabled": False},
        ]
    )
    assert [one.name for one in kept.toxics] == ["latency_downstream"]
    assert (replaced.upstream, new.enabled) == ("127.0.0.1:10", False)
    assert client.populate([]) == []


def test_populate_that_fails_half_way_says_what_is_in_place(client: Client) -> None:
    taken = client.create("web", NOWHERE).listen
    entries = [{"name": n, "listen": at, "upstream": NOWHERE} for n, at in (("ok", "127.0.0.1:0"), ("bad", taken))]
    with pytest.raises(ProxyFailed, match=r"address already in use \(in place all the same: ok\); choose another"):
        client.populate(entries)


def test_reset_removes_toxics_and_enables(client: Client) -> None:
    client.create("web", NOWHERE, enabled=False)
    client.add_toxic("web", "latency")
    client.reset()
    assert (client.proxy("web").enabled, client.toxics("web")) == (True, [])


def test_metrics_count_a_proxy(client: Client) -> None:
    samples = client.metrics()
    assert samples is not None and all(hasattr(one, "labels") for one in samples)


def test_one_client_serves_many_threads(client: Client) -> None:
    failed: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for turn in range(10):
                name = f"p-{number}-{turn}"
                client.create(name, NOWHERE)
                client.add_toxic(name, "latency")
                client.delete(name)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failed == [] and client.proxies() == {}


@pytest.mark.go
def test_one_process_speaks_to_two_servers(embedded: str, go_url: str) -> None:
    ours, real = Client(embedded), Client(go_url)
    ours.create("only-here", NOWHERE)
    assert ("only-here" in ours.proxies(), "only-here" in real.proxies()) == (True, False)
    assert "only-here" in Client(f"{embedded}/").proxies()
