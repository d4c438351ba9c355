"""The HTTP API: routes, statuses and bodies of Toxiproxy 2.12 (its api.go), byte for byte.

Ours beyond it: an encoded slash in a name works, toxics may come with their proxy, `seed` may come with a toxic, and
what a page in a browser sends is refused (`browsers.py`).
"""

import asyncio
import logging
import posixpath
import re
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from aiohttp import web

from . import bodies
from .bodies import ApiError
from .browsers import Gate
from .gojson import dumps
from .httpd import LARGEST_BODY
from .request_id import RequestIds
from .server import Server

if TYPE_CHECKING:
    from .proxy import Proxy

__all__ = ["VERSION", "Api"]

logger = logging.getLogger("chaoslib_ext.proxy")

VERSION = "2.12.0"
"""The Toxiproxy whose API this is; clients decide by it what they may ask."""

JSON = "application/json"
TEXT = "text/plain; charset=utf-8"
ABSOLUTE = re.compile("^https?://[^/?]*", re.IGNORECASE)
"""A request line may hold a whole URL (RFC 9112, 3.2.2)."""
BAD_ESCAPE = re.compile("%(?![0-9a-fA-F]{2})")
PLAIN_IN_PATH = "/%:@!$&'()*+,;=~-._[]"
"""What a Location shows as it is."""
BODY_SECONDS = 15.0
"""A body must have come by then, as in the original."""

Handler = Callable[..., Awaitable[web.Response]]


class Api:
    """Answers requests on a `Server`."""

    def __init__(
        self, server: Server, metrics: Callable[[str], tuple[bytes, str]] | None = None, gate: Gate | None = None
    ) -> None:
        self.server = server
        self._gate = gate or Gate(None)
        self._ids = RequestIds()
        self._metrics = metrics

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request; nothing a client sends ends in anything but an answer."""
        if refused := self._gate.refusal(request):
            response = _error(ApiError(refused, 403))
            response.force_close()  # its body is not read
            return response
        path, mark, query = ABSOLUTE.sub("", request.raw_path).partition("?")
        if BAD_ESCAPE.search(path):
            return _plain(400, b"400 Bad Request", {"Content-Type": TEXT})
        clean = _clean(path)
        if clean != path:
            return _plain(301, b"", {"Location": quote(clean, safe=PLAIN_IN_PATH) + mark + query})
        route = self._route([unquote(part) for part in path.split("/")[1:]])
        if route is None:
            return _plain(404, b"404 page not found\n", {"Content-Type": TEXT, "X-Content-Type-Options": "nosniff"})
        by_method, names = route
        handler = by_method.get(request.method) or by_method.get("*")
        if handler is None:
            return _plain(405, b"")
        response = await self._answered(request, handler, names)
        if _is_kept_waiting(request):
            response.force_close()  # it may or may not send its body now, so what comes next can't be told
        response.headers["X-Toxiproxy-Request-Id"] = self._ids.next()
        return response

    async def _answered(self, request: web.BaseRequest, handler: Handler, names: list[str]) -> web.Response:
        if request.headers.get("User-Agent", "").startswith("Mozilla/"):
            return _text(403, "User agent not allowed\n")
        try:
            return await handler(request, *names)
        except ApiError as error:
            return _error(error)
        except web.HTTPRequestEntityTooLarge:
            return _error(ApiError(f"bad request body: longer than {LARGEST_BODY} bytes", 413))
        except TimeoutError:
            return _error(ApiError(f"bad request body: not complete after {BODY_SECONDS:.0f} s", 408))
        except ConnectionError as error:  # the client went away while it sent its body: nobody reads this
            return _error(ApiError(f"bad request body: {error}", 400))
        except Exception:
            logger.exception("%s %s failed", request.method, request.raw_path)
            return _error(ApiError("internal error, see the server's log", 500))

    def _route(self, parts: list[str]) -> tuple[dict[str, Handler], list[str]] | None:
        match parts:
            case ["version"]:
                return {"GET": self.version}, []
            case ["proxies"]:
                return {"GET": self.index, "POST": self.create}, []
            case ["populate"]:
                return {"POST": self.populate}, []
            case ["reset"]:
                return {"POST": self.reset}, []
            case ["metrics"] if self._metrics:
                return {"*": self.metrics}, []
            case ["proxies", proxy] if proxy:
                change = self.update
                return {"GET": self.show, "POST": change, "PATCH": change, "DELETE": self.delete}, [proxy]
            case ["proxies", proxy, "toxics"] if proxy:
                return {"GET": self.toxics, "POST": self.add_toxic}, [proxy]
            case ["proxies", proxy, "toxics", toxic] if proxy and toxic:
                edit = self.update_toxic
                show, remove = self.show_toxic, self.remove_toxic
                return {"GET": show, "POST": edit, "PATCH": edit, "DELETE": remove}, [proxy, toxic]
        return None

    # --- one method a route

    async def version(self, request: web.BaseRequest) -> web.Response:
        """GET /version, with the original's blank and newline."""
        body = f'{{"version": "{VERSION}"}}\n'.encode()
        return _plain(200, body, {"Content-Type": "application/json;charset=utf-8"})

    async def index(self, request: web.BaseRequest) -> web.Response:
        """GET /proxies."""
        by_name = sorted(self.server.proxies.values(), key=lambda proxy: proxy.name.encode())
        return _json(200, {proxy.name: proxy.as_json() for proxy in by_name})

    async def create(self, request: web.BaseRequest) -> web.Response:
        """POST /proxies."""
        proxy = await self.server.create(bodies.new_proxy(await _body(request)))
        return _json(201, proxy.as_json())

    async def populate(self, request: web.BaseRequest) -> web.Response:
        """POST /populate; its errors are JSON too, and name the proxies made before."""
        done: list[Proxy] = []
        try:
            await self.server.populate(bodies.populated(await _body(request)), done)
        except ApiError as error:
            return _json(error.status, {"error": error.message, "status": error.status, **_listed(done)})
        return _json(201, _listed(done))

    async def reset(self, request: web.BaseRequest) -> web.Response:
        """POST /reset."""
        await self.server.reset()
        return _plain(204, b"")

    async def metrics(self, request: web.BaseRequest) -> web.Response:
        """Any /metrics, when they are on."""
        assert self._metrics
        body, content_type = self._metrics(request.headers.get("Accept", ""))
        return _plain(200, body, {"Content-Type": content_type})

    async def show(self, request: web.BaseRequest, proxy: str) -> web.Response:
        """GET /proxies/P."""
        return _json(200, self.server.proxy(proxy).as_json())

    async def update(self, request: web.BaseRequest, proxy: str) -> web.Response:
        """PATCH or POST /proxies/P."""
        self.server.proxy(proxy)
        changes = bodies.proxy_changes(await _body(request))
        return _json(200, (await self.server.update(proxy, changes)).as_json())

    async def delete(self, request: web.BaseRequest, proxy: str) -> web.Response:
        """DELETE /proxies/P."""
        self.server.delete(proxy)
        return _plain(204, b"")

    async def toxics(self, request: web.BaseRequest, proxy: str) -> web.Response:
        """GET /proxies/P/toxics."""
        return _json(200, self.server.proxy(proxy).as_json()["toxics"])

    async def add_toxic(self, request: web.BaseRequest, proxy: str) -> web.Response:
        """POST /proxies/P/toxics."""
        self.server.proxy(proxy)
        body = await _body(request)
        return _json(200, self.server.add_toxic(proxy, body).as_json())

    async def show_toxic(self, request: web.BaseRequest, proxy: str, toxic: str) -> web.Response:
        """GET /proxies/P/toxics/T."""
        return _json(200, self.server.toxic(proxy, toxic).as_json())

    async def update_toxic(self, request: web.BaseRequest, proxy: str, toxic: str) -> web.Response:
        """PATCH or POST /proxies/P/toxics/T."""
        self.server.toxic(proxy, toxic)
        body = await _body(request)
        return _json(200, self.server.update_toxic(proxy, toxic, body).as_json())

    async def remove_toxic(self, request: web.BaseRequest, proxy: str, toxic: str) -> web.Response:
        """DELETE /proxies/P/toxics/T."""
        self.server.remove_toxic(proxy, toxic)
        return _plain(204, b"")


def _is_kept_waiting(request: web.BaseRequest) -> bool:
    """Does the client hold a body back until it is asked for?"""
    expects = request.headers.get("Expect", "").lower() == "100-continue"
    return expects and request.body_exists and not request.content.is_eof()


async def _body(request: web.BaseRequest) -> bytes:
    if _is_kept_waiting(request):
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    async with asyncio.timeout(BODY_SECONDS):
        return await request.read()


def _clean(path: str) -> str:
    """The path as Go's mux wants it: rooted, no empty or dotted parts, a trailing slash kept."""
    clean = posixpath.normpath("/" + path.lstrip("/")) if path else "/"
    return clean + ("/" if path.endswith("/") and clean != "/" else "")


def _listed(proxies: list["Proxy"]) -> dict[str, Any]:
    return {"proxies": [proxy.as_json() for proxy in proxies] or None}


def _json(status: int, value: Any) -> web.Response:
    return _plain(status, dumps(value).encode(), {"Content-Type": JSON})


def _error(error: ApiError) -> web.Response:
    return _text(error.status, dumps({"error": error.message, "status": error.status}) + "\n")


def _text(status: int, text: str) -> web.Response:
    return _plain(status, text.encode(), {"Content-Type": TEXT, "X-Content-Type-Options": "nosniff"})


def _plain(status: int, body: bytes, headers: dict[str, str] | None = None) -> web.Response:
    response = web.Response(status=status, body=body, headers=headers)
    if not body and "Content-Type" in response.headers:
        del response.headers["Content-Type"]
    return response
