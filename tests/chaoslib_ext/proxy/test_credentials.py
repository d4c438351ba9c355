"""A user and a password for the API: from the variable, on every request, and nowhere else."""

import base64
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler

import pytest

from chaoslib_ext.errors import BadInput, ProxyFailed
from chaoslib_ext.faults.fault import curl
from chaoslib_ext.proxy.client import Client
from chaoslib_ext.proxy.credentials import for_server, named_server, secret
from chaoslib_ext.proxy.servers import connect, register

WORD = "p@ss:w/rd"


@pytest.fixture
def gate(pretender, says) -> Callable[[], str]:  # type: ignore[no-untyped-def]
    """A server that answers only who logs in as me."""
    wanted = "Basic " + base64.b64encode(f"me:{WORD}".encode()).decode()

    def answer(handler: BaseHTTPRequestHandler) -> None:
        known = handler.headers.get("Authorization") == wanted
        says(*((200, '{"version": "2.12.0"}') if known else (401, "who are you?")))(handler)

    return lambda: str(pretender(answer))


def with_login(url: str, login: str = "me:p%40ss%3Aw%2Frd") -> str:
    return url.replace("://", f"://{login}@")


def test_they_go_with_each_request_and_into_no_address(
    gate: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    url = gate()
    monkeypatch.setenv("TOXIPROXY_URL", with_login(url) + "/")
    client = connect()
    assert client.version() == "2.12.0"
    assert client.url == url == named_server()
    assert for_server(url) == ("me", WORD) and secret() == WORD
    assert "-u USER:PASSWORD" in curl("DELETE", f"{url}/proxies/web") and WORD not in curl("DELETE", url)


@pytest.mark.parametrize("login", [None, "me:wrong"])
def test_without_them_the_refusal_says_what_to_set(
    gate: Callable[[], str], monkeypatch: pytest.MonkeyPatch, login: str | None
) -> None:
    url = gate()
    monkeypatch.setenv("TOXIPROXY_URL", with_login(url, login) if login else url)
    with pytest.raises(ProxyFailed, match=r"wants a user and a password.*TOXIPROXY_URL=http://USER:PASSWORD@127"):
        connect()


def test_they_are_for_that_server_alone(gate: Callable[[], str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOXIPROXY_URL", "http://me:word@127.0.0.1:1")
    assert for_server("http://127.0.0.1:2") is None
    with pytest.raises(ProxyFailed):
        Client(gate()).version()
    assert "-u" not in curl("DELETE", "http://127.0.0.1:2/proxies/web")


def test_in_any_other_place_an_address_may_not_have_them() -> None:
    for url in ("http://me:word@127.0.0.1:1", "me@127.0.0.1:1"):
        with pytest.raises(BadInput, match="take it out"):
            register(url, "go", 1, 1.0, "serve")


@pytest.mark.parametrize("given", ["", "127.0.0.1:1", "http://127.0.0.1:1"])
def test_a_variable_without_them_has_none(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv("TOXIPROXY_URL", given)
    assert secret() is None and for_server("http://127.0.0.1:1") is None
    assert named_server() == ("http://127.0.0.1:1" if given else None)


def test_a_login_needs_no_scheme(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOXIPROXY_URL", "me:word@127.0.0.1:1")
    assert named_server() == "http://127.0.0.1:1" and for_server("http://127.0.0.1:1") == ("me", "word")


def test_they_are_for_the_server_in_every_spelling_and_for_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOXIPROXY_URL", "http://me:word@localhost:8474/")
    assert for_server("http://127.0.0.1:8474") == ("me", "word")
    assert "-u USER:PASSWORD" in curl("DELETE", "http://127.1:8474/proxies/web")
    assert for_server("http://127.0.0.1:18474") is None
    assert "-u USER:PASSWORD" not in curl("DELETE", "http://127.0.0.1:18474/proxies/web")
