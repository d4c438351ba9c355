import importlib.util
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from chaoslib_ext.errors import BadInput, NoAnswer, ProbeError
from chaoslib_ext.proxy.client import Client
from probes import cache

pytestmark = pytest.mark.joins("probes", "valkey")


@pytest.fixture
def filled(valkey_server: Any) -> Iterator[dict[str, Any]]:
    """url and password of a Valkey with a text, a hash and a key that expires."""
    from valkey import Valkey

    host, port = valkey_server.address.split(":")
    client = Valkey(host=host, port=int(port), password=valkey_server.password)
    client.flushall()
    client.set("greeting", "grüß Gott")
    client.hset("cart:1", "total", "12")
    client.set("soon", "gone", px=60_000)
    yield {"url": valkey_server.url(), "password": valkey_server.password}
    client.config_set("maxmemory", 0)
    client.close()


def test_it_answers_and_how_soon(filled: dict[str, Any], closed: str) -> None:
    assert cache.answers(**filled) is True
    assert 0 < cache.ping_ms(**filled) < 5000
    assert cache.answers(f"valkey://{closed}") is False
    with pytest.raises(NoAnswer, match="is it up"):
        cache.ping_ms(f"valkey://{closed}")


def test_what_is_under_a_key(filled: dict[str, Any]) -> None:
    assert cache.value(key="greeting", **filled) == "grüß Gott"
    assert cache.value(key="cart:1", field="total", **filled) == "12"
    assert cache.value(key="none", **filled) is None
    assert cache.value(key="cart:1", field="none", missing="0", **filled) == "0"
    assert (cache.key_exists(key="soon", **filled), cache.key_exists(key="none", **filled)) == (True, False)
    with pytest.raises(ProbeError, match="WRONGTYPE"):
        cache.value(key="cart:1", **filled)


def test_how_long_a_key_lasts(filled: dict[str, Any]) -> None:
    assert 0 < cache.ttl_ms(key="soon", **filled) <= 60_000
    assert (cache.ttl_ms(key="greeting", **filled), cache.ttl_ms(key="none", **filled)) == (-1, -2)


def test_what_the_server_says_of_itself(filled: dict[str, Any], valkey_server: Any) -> None:
    from valkey import Valkey

    assert cache.key_count(**filled) == 3
    used = cache.memory_bytes(**filled)
    assert used > 100_000
    assert cache.info(field="role", **filled) == "master"
    with pytest.raises(ProbeError, match="says nothing of 'rolle'"):
        cache.info(field="rolle", **filled)
    with pytest.raises(ProbeError, match="no limit of memory"):
        cache.memory_fraction(**filled)
    host, port = valkey_server.address.split(":")
    with Valkey(host=host, port=int(port), password=valkey_server.password) as client:
        client.config_set("maxmemory", 2 * used)
    assert 0.2 < cache.memory_fraction(**filled) < 1


def test_a_read_leaves_no_trace_but_the_read(filled: dict[str, Any]) -> None:
    before = cache.key_count(**filled)
    for ask in (cache.answers, cache.ping_ms, cache.memory_bytes, cache.key_count):
        ask(**filled)
    assert cache.key_count(**filled) == before
    assert cache.info(field="connected_clients", **filled) <= 2  # the fixture's own, and this one


def test_a_password_is_needed_and_never_shown(filled: dict[str, Any], valkey_server: Any) -> None:
    wrong = "so-very-secret"
    inside = f"valkey://:{wrong}@{valkey_server.address}"
    for how in ({"url": filled["url"]}, {"url": filled["url"], "password": wrong}, {"url": inside}):
        with pytest.raises(ProbeError) as caught:
            cache.answers(**how)
        assert wrong not in str(caught.value) and not isinstance(caught.value, NoAnswer)
    assert cache.answers(f"redis://:{filled['password']}@{valkey_server.address}/1") is True


@pytest.mark.parametrize(
    "toxic",
    [("timeout", {"timeout": 0}), ("slicer", {"average_size": 1, "delay": 100_000})],
    ids=["silent", "a-byte-at-a-time"],
)
def test_a_cache_behind_a_link_that_is_cut_or_trickles_is_no_answer_in_time(
    filled: dict[str, Any], valkey_server: Any, link: Callable[[str], str], embedded: str, toxic: Any
) -> None:
    here = valkey_server.url(link(valkey_server.address))
    assert cache.answers(here, password=filled["password"]) is True
    Client(embedded).add_toxic("link", toxic[0], attributes=toxic[1])
    with pytest.raises(NoAnswer, match=rf"{here}"):
        cache.info(here, "role", password=filled["password"], timeout="500ms")


def test_a_server_that_trickles_is_no_answer_in_time(trickling: Callable[[bytes], str]) -> None:
    assert cache.answers(f"valkey://{trickling(b'$90000')}", timeout="300ms") is False


def test_the_latency_of_a_link_is_in_its_ping(
    filled: dict[str, Any], valkey_server: Any, link: Callable[[str], str], embedded: str
) -> None:
    here = valkey_server.url(link(valkey_server.address))
    Client(embedded).add_toxic("link", "latency", attributes={"latency": 150})
    assert cache.ping_ms(here, password=filled["password"], timeout="30s") >= 150


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"url": "http://127.0.0.1"}, "none of a cache"),
        ({"url": "valkey://"}, "none of a cache"),
        ({"url": "valkey://a:b"}, "none of a cache"),
        ({"url": "valkey://127.0.0.1/x"}, "none of a cache"),
        ({"url": "valkey://127.0.0.1:1?colour=red"}, "option behind the"),
        ({"url": "valkey://127.0.0.1:1?socket_timeout=red"}, "option behind the"),
        ({"url": "${cache}"}, "still holds a name"),
        ({"url": 1}, "url must be text"),
        ({"password": "${secret}"}, "password is still"),
        ({"key": ""}, "key must be text"),
        ({"field": 1}, "field must be text"),
        ({"timeout": "0s"}, "timeout"),
    ],
)
def test_a_wrong_question_is_refused(wrong: dict[str, Any], named: str) -> None:
    with pytest.raises(BadInput, match=named):
        cache.value(**{"url": "valkey://127.0.0.1:1", "key": "a", **wrong})


def test_without_the_library_the_command_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "valkey" else found(name))
    with pytest.raises(ProbeError, match=r"valkey, which is not installed: pip install 'chaostoolkit-ext\[cache\]'"):
        cache.answers("valkey://127.0.0.1:1")
