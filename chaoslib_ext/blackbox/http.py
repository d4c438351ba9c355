"""Asks over HTTP, some requests at a time, every one with a time limit and all of them with one more.

A redirect is an answer and is not followed; a body is read to its end and thrown away. Proxies of the environment
(http_proxy) are not used: what is measured is the address that was named.
"""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chaoslib_ext.clock import SYSTEM, Clock
from chaoslib_ext.errors import NoAnswer

from .request import HttpRequest

if TYPE_CHECKING:
    from aiohttp import ClientSession

__all__ = ["Answer", "Asking", "ask"]

_MOST_BYTES = 10_000_000


@dataclass(frozen=True)
class Answer:
    """What became of one request: a status, or the problem why there is none; and the seconds it took."""

    seconds: float
    status: int | None = None
    problem: str | None = None
    body: bytes = b""

    def json(self, what: str) -> Any:
        """The body, read as JSON. Raises NoAnswer, naming `what` was asked."""
        try:
            return json.loads(self.body)
        except ValueError as error:
            seen = self.body[:60].decode(errors="replace")
            raise NoAnswer(f"{what}: status {self.status}, and a body that is not JSON ({error}): {seen!r}") from None


@dataclass(frozen=True)
class Asking:
    """How to ask: `requests` in all, `concurrency` at a time; limits in seconds. `keep` the bodies, of 10 MB each."""

    requests: int = 1
    concurrency: int = 1
    timeout: float = 5.0
    within: float = 60.0
    keep: bool = False


def ask(request: HttpRequest, how: Asking, clock: Clock = SYSTEM) -> list[Answer]:
    """`how.requests` answers. What was not answered when `how.within` is over counts as not answered in time."""
    answers: list[Answer] = []
    asyncio.run(_ask_all(request, how, clock, answers))
    late = Answer(how.timeout, problem=f"not answered when the {how.within:g} s for all of them were over")
    return answers + [late] * (how.requests - len(answers))


async def _ask_all(request: HttpRequest, how: Asking, clock: Clock, answers: list[Answer]) -> None:
    from aiohttp import ClientSession, ClientTimeout, DummyCookieJar, TCPConnector

    session = ClientSession(
        connector=TCPConnector(limit=how.concurrency),
        cookie_jar=DummyCookieJar(),
        timeout=ClientTimeout(total=how.timeout),
        auto_decompress=False,
    )
    turns = iter(range(how.requests))
    async with session:
        asking = [
            _ask_in_turn(session, request, turns, clock, answers, how.keep)
            for _ in range(min(how.concurrency, how.requests))
        ]
        try:
            async with asyncio.timeout(how.within):
                await asyncio.gather(*asking)
        except TimeoutError:
            return  # the caller counts what is missing


async def _ask_in_turn(
    session: "ClientSession",
    request: HttpRequest,
    turns: Iterator[int],
    clock: Clock,
    answers: list[Answer],
    keep: bool,
) -> None:
    for _ in turns:
        answers.append(await _ask_once(session, request, clock, keep))


async def _ask_once(session: "ClientSession", request: HttpRequest, clock: Clock, keep: bool) -> Answer:
    from aiohttp import ClientError

    began = clock.monotonic()
    try:
        async with session.request(
            request.method,
            request.url,
            json=request.json,
            data=request.body,
            headers=dict(request.headers),
            allow_redirects=False,
        ) as response:
            kept = bytearray()
            async for piece in response.content.iter_any():
                if keep and len(kept) < _MOST_BYTES:
                    kept += piece
            return Answer(clock.monotonic() - began, status=response.status, body=bytes(kept))
    except TimeoutError:
        return Answer(clock.monotonic() - began, problem="no answer in time")
    except (ClientError, OSError, ValueError) as error:
        return Answer(clock.monotonic() - began, problem=str(error) or type(error).__name__)
