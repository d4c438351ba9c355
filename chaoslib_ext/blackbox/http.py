"""Asks over HTTP, some requests at a time, every one with a time limit and all of them with one more.

A redirect is an answer and is not followed; a body is read to its end and thrown away. Proxies of the environment
(http_proxy) are not used: what is measured is the address that was named.
"""

import asyncio
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from chaoslib_ext.clock import SYSTEM, Clock
from chaoslib_ext.errors import NoAnswer

from .request import HttpRequest, without_password

if TYPE_CHECKING:
    from aiohttp import ClientResponse, ClientSession

__all__ = ["Answer", "Asking", "ask", "ask_once"]

_MOST_BYTES = 10_000_000


@dataclass(frozen=True)
class Answer:
    """What became of one request: a status, or the problem why there is none; and the seconds it took.

    `headers` are found whatever their case; the `body` is there only when it was to be kept, and None when too long.
    """

    seconds: float
    status: int | None = None
    problem: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = b""
    charset: str | None = None

    def text(self, what: str) -> str:
        """The body as text. Raises NoAnswer, naming `what` was asked, when it is longer than 10 MB."""
        if self.body is None:
            raise NoAnswer(f"{what}: status {self.status}, and a body longer than {_MOST_BYTES:,} bytes")
        try:
            return self.body.decode(self.charset or "utf-8", errors="replace")
        except LookupError:  # a charset nobody knows
            return self.body.decode(errors="replace")

    def json(self, what: str) -> Any:
        """The body, read as JSON. Raises NoAnswer, naming `what` was asked."""
        body = self.text(what)
        try:
            return json.loads(body)
        except (ValueError, RecursionError) as error:
            raise NoAnswer(
                f"{what}: status {self.status}, and a body that is not JSON ({error}): {body[:60]!r}"
            ) from None


@dataclass(frozen=True)
class Asking:
    """How to ask: `requests` in all, `concurrency` at a time; limits in seconds. `keep` the bodies, of 10 MB each."""

    requests: int = 1
    concurrency: int = 1
    timeout: float = 5.0
    within: float = 60.0
    keep: bool = False


def ask_once(request: HttpRequest, timeout: float, *, keep: bool = False, clock: Clock = SYSTEM) -> Answer:
    """The one answer, which has a status. Raises NoAnswer when none comes in that many seconds."""
    (answer,) = ask(request, Asking(timeout=timeout, within=timeout + 1, keep=keep), clock)
    if answer.status is None:
        raise NoAnswer(f"{request}: {answer.problem}; is the service up, and is this its address?")
    return answer


def ask(request: HttpRequest, how: Asking, clock: Clock = SYSTEM) -> list[Answer]:
    """`how.requests` answers. What was not answered when `how.within` is over counts as not answered in time."""
    answers: list[Answer] = []
    asyncio.run(_ask_all(request, how, clock, answers))
    late = Answer(how.timeout, problem=f"not answered when the {how.within:g} s for all of them were over")
    return answers + [late] * (how.requests - len(answers))


async def _ask_all(request: HttpRequest, how: Asking, clock: Clock, answers: list[Answer]) -> None:
    from aiohttp import ClientSession, ClientTimeout, DummyCookieJar, TCPConnector

    from .resolver import Names

    session = ClientSession(
        connector=TCPConnector(
            limit=how.concurrency, resolver=Names(), ssl=request.trust.context() if request.trust else True
        ),
        cookie_jar=DummyCookieJar(),
        timeout=ClientTimeout(total=how.timeout),
        auto_decompress=how.keep,
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
        answers.append(await _answer(session, request, clock, keep))


async def _answer(session: "ClientSession", request: HttpRequest, clock: Clock, keep: bool) -> Answer:
    from aiohttp import ClientError

    began = clock.monotonic()
    try:
        async with session.request(
            request.method,
            request.url,
            json=request.json,
            data=request.body,
            headers=dict(request.headers or {}),
            allow_redirects=False,
            proxy=request.http_proxy,
            server_hostname=request.trust.server_name if request.trust else None,
        ) as response:
            body = await _read(response, keep)
            spent = clock.monotonic() - began
            return Answer(spent, response.status, headers=response.headers, body=body, charset=response.charset)
    except TimeoutError:
        return Answer(clock.monotonic() - began, problem="no answer in time")
    except (ClientError, OSError, ValueError) as error:
        return Answer(clock.monotonic() - began, problem=without_password(str(error) or type(error).__name__))


async def _read(response: "ClientResponse", keep: bool) -> bytes | None:
    """To its end, for that is when an answer is complete; kept only if wanted, None when it is too long for that."""
    kept: bytearray | None = bytearray()
    async for piece in response.content.iter_any():
        if keep and kept is not None:
            kept += piece
            if len(kept) > _MOST_BYTES:
                kept = None
    return bytes(kept) if kept is not None else None
