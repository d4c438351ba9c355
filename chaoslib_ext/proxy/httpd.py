"""HTTP for the API, on aiohttp's low level: what Go's server does and aiohttp does not, and nothing else."""

import asyncio
import re
from typing import Any

from aiohttp import HttpVersion11, web
from aiohttp.http_exceptions import BadHttpMethod

from .logs import http_logger

__all__ = ["LARGEST_BODY", "HttpServer", "Request"]

LARGEST_BODY = 64 * 1024 * 1024
IDLE_SECONDS = 60.0
LONGEST_LINE = 1 << 20
"""Names stand in URLs; Go takes as much."""


REQUEST_LINE = re.compile(r"b'[!#$%&*+.^_`|~\w-]+ /\S* HTTP/1\.[01]'")
"""As aiohttp's parser quotes it when it does not know the method."""


class Request(web.BaseRequest):
    """A request whose answer carries the headers of the original and no others, and whose body may be large."""

    async def _prepare_hook(self, response: web.StreamResponse) -> None:
        # where aiohttp's own Request lets applications change the headers last
        response.headers.popall("Server", None)

    @classmethod
    def made(cls, message: Any, payload: Any, protocol: Any, writer: Any, task: Any) -> "Request":
        """As aiohttp's server makes its requests (its `request_factory`)."""
        return cls(message, payload, protocol, writer, task, protocol._loop, client_max_size=LARGEST_BODY)


class _Handler(web.RequestHandler):
    """One API connection. A client that closed only its sending side still gets its answer."""

    def handle_error(
        self, request: web.BaseRequest, status: int = 500, exc: BaseException | None = None, message: str | None = None
    ) -> web.StreamResponse:
        """What Go answers to what is no HTTP, or has a method that nobody knows; the connection is closed then."""
        if status != 400:
            return super().handle_error(request, status, exc, message)
        request._version = HttpVersion11  # an unreadable request has none of its own
        response = _refusal(exc, message or "")
        response.force_close()
        return response

    def eof_received(self) -> bool:  # type: ignore[override]  # asyncio takes a bool, aiohttp never gives one
        idle = self._waiter is not None and not self._waiter.done()
        if idle or not self._request_count:
            return False  # nothing is asked: close
        self.close()  # no further request; what is under way is answered first
        return True


def _refusal(problem: BaseException | None, message: str) -> web.Response:
    if isinstance(problem, BadHttpMethod) and REQUEST_LINE.search(message):
        return web.Response(status=405, body=b"")
    reason = "Bad Request" + (": missing required Host header" if message.startswith("Missing 'Host'") else "")
    return web.Response(status=400, reason=reason, text=f"400 {reason}", content_type="text/plain", charset="utf-8")


class HttpServer(web.Server):
    """Makes a handler for each API connection."""

    def __init__(self, answer: Any) -> None:
        super().__init__(answer, request_factory=Request.made)

    def __call__(self) -> web.RequestHandler:
        """A handler with our limits; aiohttp's runner keeps these settings to its own kind of server."""
        return _Handler(
            self,
            loop=asyncio.get_running_loop(),
            logger=http_logger(),
            access_log=None,  # type: ignore[arg-type]  # aiohttp: "no log"
            keepalive_timeout=IDLE_SECONDS,
            max_line_size=LONGEST_LINE,
            max_field_size=LONGEST_LINE,
            auto_decompress=False,  # Go never looks at Content-Encoding
        )
