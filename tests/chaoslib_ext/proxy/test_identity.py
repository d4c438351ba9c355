"""Which server is it: told from the one before, on the embedded server and on the original."""

from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from chaoslib_ext.proxy.client import Client
from chaoslib_ext.proxy.detached import start_detached
from chaoslib_ext.proxy.identity import identity_of, is_another


def test_the_same_server_is_the_same_in_each_answer(toxiproxy: str) -> None:
    client, other = Client(toxiproxy), Client(toxiproxy, timeout=4)
    client.version()
    other.create("web", "127.0.0.1:9")
    assert identity_of(client) == identity_of(other) is not None
    assert not is_another(client, identity_of(other))


@pytest.fixture(params=["embedded", pytest.param("go", marks=pytest.mark.go)])
def anew(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[int], tuple[Client, psutil.Process]]]:
    """anew(port): a server started there."""
    if request.param == "go":
        request.getfixturevalue("go_server")
    started: list[psutil.Process] = []

    def start(port: int) -> tuple[Client, psutil.Process]:
        serving = start_detached(port=port, log=tmp_path / "log", engine=request.param)
        started.append(psutil.Process(serving.pid))
        return Client(serving.url), started[-1]

    yield start
    for one in started:
        if one.is_running():
            one.kill()


def test_one_that_comes_later_on_the_same_port_is_another(
    anew: Callable[[int], tuple[Client, psutil.Process]], unused_tcp_port: int
) -> None:
    client, process = anew(unused_tcp_port)
    client.version()
    who = identity_of(client)
    process.kill()
    process.wait(10)
    later, _ = anew(unused_tcp_port)
    later.version()
    assert is_another(later, who)


def test_where_nothing_is_said_nothing_is_concluded(pretender, says) -> None:  # type: ignore[no-untyped-def]
    """Something between us and the server keeps its headers to itself."""
    client = Client(pretender(says(200, '{"version": "2.12.0"}')))
    client.version()
    assert identity_of(client) is None
    assert not is_another(client, None) and not is_another(client, "instance 60f486e428")
