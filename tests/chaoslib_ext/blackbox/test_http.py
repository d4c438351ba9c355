import asyncio
import socket
from collections.abc import Iterator

import pytest

from chaoslib_ext.blackbox.http import Asking, ask
from chaoslib_ext.blackbox.request import HttpRequest


@pytest.fixture
def silent() -> Iterator[str]:
    """A port that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"


def test_there_are_always_as_many_answers_as_requests(silent: str) -> None:
    answers = ask(HttpRequest(silent), Asking(requests=7, concurrency=2, timeout=10, within=0.2))
    assert len(answers) == 7
    assert {answer.status for answer in answers} == {None}
    assert "not answered when the 0.2 s for all of them were over" in str(answers[-1].problem)


def test_each_request_ends_when_its_time_is_over(silent: str) -> None:
    (answer,) = ask(HttpRequest(silent), Asking(timeout=0.2))
    assert answer.problem == "no answer in time"
    assert 0.2 <= answer.seconds < 5


def test_what_is_no_http_is_a_problem_told(unused_tcp_port: int) -> None:
    async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.example ESMTP\r\n")
        writer.close()

    async def scenario() -> list[str | None]:
        server = await asyncio.start_server(greet, "127.0.0.1", unused_tcp_port)
        async with server:
            url = f"http://127.0.0.1:{unused_tcp_port}/"
            return [one.problem for one in await asyncio.to_thread(ask, HttpRequest(url), Asking())]

    (problem,) = asyncio.run(scenario())
    assert problem
