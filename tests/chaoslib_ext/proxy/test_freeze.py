"""A freeze that lies on a server: for every host, on ours and on the original one."""

from datetime import UTC, datetime, timedelta

import pytest

from chaoslib_ext.clock import FakeClock
from chaoslib_ext.proxy.client import Client
from chaoslib_ext.proxy.freeze import NAME, Words, lift, put, refusal

START = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
WORDS = Words(since=START, by="me@box", why='incident 812: "checkout" is down / 100 %')


def said(client: Client, clock: FakeClock | None = None) -> str | None:
    return refusal(client.proxies(), client.url, clock or FakeClock(START))


def test_there_for_everybody_and_gone(toxiproxy: str) -> None:
    client = Client(toxiproxy)
    assert said(client) is None
    assert put(client, WORDS) == (WORDS, None)
    told = said(Client(toxiproxy))
    assert told and WORDS.why in told and "by me@box" in told and f"chaos thaw --scope {client.url}" in told
    assert lift(client) == WORDS and said(client) is None and lift(client) is None


def test_a_reset_does_not_thaw(toxiproxy: str) -> None:
    client = Client(toxiproxy)
    put(client, WORDS)
    client.reset()
    assert said(client)


def test_a_later_one_takes_the_place_of_an_earlier(toxiproxy: str) -> None:
    client = Client(toxiproxy)
    put(client, WORDS)
    still = WORDS.model_copy(update={"why": "still"})
    assert put(client, still) == (still, WORDS)
    assert "still" in (said(client) or "")


@pytest.mark.parametrize(
    ("earlier", "later", "until"), [(None, 5, None), (5, None, None), (60, 5, 60), (5, 60, 60), (-5, 5, 5)]
)
def test_a_later_one_never_shortens_an_earlier(
    toxiproxy: str, earlier: int | None, later: int | None, until: int | None
) -> None:
    client, clock = Client(toxiproxy), FakeClock(START)

    def lasting(minutes: int | None) -> Words:
        return WORDS.model_copy(update={"until": None if minutes is None else START + timedelta(minutes=minutes)})

    put(client, lasting(earlier), clock)
    assert put(client, lasting(later), clock) == (lasting(until), lasting(earlier))
    assert lift(client) == lasting(until)


def test_the_server_is_frozen_all_the_time_while_a_later_one_takes_the_place_of_an_earlier(
    embedded: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = Client(embedded)
    put(client, WORDS)
    with monkeypatch.context() as without:
        without.delattr(Client, "delete")
        put(client, WORDS.model_copy(update={"why": "still"}))
    assert "still" in (said(client) or "")


def test_it_ends_by_itself(embedded: str) -> None:
    client, clock = Client(embedded), FakeClock(START)
    put(client, WORDS.model_copy(update={"until": START + timedelta(minutes=5)}))
    assert said(client, clock)
    clock.sleep(301)
    assert said(client, clock) is None


@pytest.mark.parametrize("upstream", ["127.0.0.1:1", "freeze:nonsense", "freeze:%7B%22since%22%3A3%7D"])
def test_words_that_cannot_be_read_are_a_freeze(embedded: str, upstream: str) -> None:
    client = Client(embedded)
    client.create(NAME, upstream, enabled=False)
    assert "cannot be read" in (said(client) or "")
    assert lift(client) is not None
