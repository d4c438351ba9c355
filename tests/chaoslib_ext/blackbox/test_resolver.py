import asyncio
import socket
import threading

import pytest

from chaoslib_ext.blackbox.http import Asking, ask
from chaoslib_ext.blackbox.request import HttpRequest
from chaoslib_ext.blackbox.resolver import Names


def test_a_name_is_found() -> None:
    (found, *_) = asyncio.run(Names().resolve("localhost", 80, socket.AF_INET))
    assert (found["hostname"], found["host"], found["port"]) == ("localhost", "127.0.0.1", 80)


def test_one_that_is_not_is_an_error() -> None:
    with pytest.raises(socket.gaierror):
        asyncio.run(Names().resolve("no-such-host.invalid"))


def test_a_silent_name_server_holds_nobody_longer_than_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """aiohttp's own resolver would be waited for when its loop is closed."""
    done, waited = threading.Event(), []

    def hang(*_: object, **__: object) -> list[object]:
        done.wait(60)
        waited.append(1)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    answers = ask(HttpRequest("http://shop.example/"), Asking(requests=2, timeout=0.2, within=5))
    assert not waited and [answer.problem for answer in answers] == ["no answer in time"] * 2
    done.set()
