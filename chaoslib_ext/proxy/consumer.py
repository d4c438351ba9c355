"""The wire to one Toxiproxy API: toxiproxy-python's `APIConsumer`, subclassed per server and mended.

The library keeps host and port on the class, so one class is one server; a subclass each lets a process speak to
several. Its bare `requests` calls have no timeout, no kept connection and no answer to a 5xx; the subclass has all
three. It sends by urllib3, on which `requests` stands too: a fault through the door is five requests, and each costs
a third less so. Every request of ours to a Toxiproxy goes through the four class methods here, and through nothing
else.
"""

import json as as_json
import socket
import threading
from functools import lru_cache
from typing import Any
from urllib.parse import quote, urlsplit

from toxiproxy.api import APIConsumer
from urllib3 import HTTPConnectionPool, HTTPResponse, Timeout, connection_from_url, make_headers
from urllib3.connection import HTTPConnection
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError, ProtocolError, ReadTimeoutError

from chaoslib_ext import __version__
from chaoslib_ext.clock import SYSTEM
from chaoslib_ext.errors import BadInput, ProxyUnreachable, ServerGone

from .answers import Answer, checked
from .credentials import for_server
from .request_id import instance_in

__all__ = ["Consumer", "consumer_for", "path"]

_HEADERS = {
    "User-Agent": f"chaostoolkit-ext/{__version__}",
    "Accept-Encoding": "gzip, deflate",
    "Accept": "*/*",
    "Connection": "keep-alive",
}
_JSON = {"Content-Type": "application/json"}


class _Socket(socket.socket):
    """Gives up at a moment, also where bytes come one by one."""

    until = 0.0

    def recv_into(self, *args: Any) -> int:
        self.settimeout(max(self.until - SYSTEM.monotonic(), 0.001))
        return super().recv_into(*args)


class _Connection(HTTPConnection):
    """The time that a call may take is that of its whole answer; urllib3's is that of each piece."""

    def _new_conn(self) -> socket.socket:
        plain = super()._new_conn()
        return _Socket(plain.family, plain.type, plain.proto, fileno=plain.detach())

    def getresponse(self) -> HTTPResponse:  # type: ignore[override]  # as urllib3's own
        if isinstance(self.sock, _Socket):
            self.sock.until = SYSTEM.monotonic() + float(self.timeout)  # type: ignore[arg-type]  # each call gives one
        return super().getresponse()


def path(*names: str) -> str:
    """A path of the API with every name quoted: `path("proxies", "a b")` is `/proxies/a%20b`. Raises BadInput."""
    if bad := [name for name in names if name in ("", ".", "..")]:
        raise BadInput(f"{bad[0]!r} is not the name of a proxy or a toxic")
    return "".join(f"/{quote(name, safe='', errors='surrogateescape')}" for name in names)


class Consumer(APIConsumer):  # type: ignore[misc]  # the library is untyped
    """One server's API. Made by `consumer_for`; used as a class, as its parent is.

    Every method returns an `Answer` of a status below 300, or raises one of the ProxyError family.
    """

    base = ""
    timeout = 5.0
    pool: HTTPConnectionPool
    heard: threading.local
    """`instance`: who gave the last answer that this thread had (`identity.py`); None of a server that does not say."""

    @classmethod
    def get(cls, url: str) -> Answer:
        """Read."""
        return cls._send("GET", url)

    @classmethod
    def post(cls, url: str, json: Any = None) -> Answer:
        """Create."""
        return cls._send("POST", url, json)

    @classmethod
    def patch(cls, url: str, json: Any = None) -> Answer:
        """Change; the library has no such method, Toxiproxy has had it since 2.6."""
        return cls._send("PATCH", url, json)

    @classmethod
    def delete(cls, url: str) -> Answer:
        """Remove."""
        return cls._send("DELETE", url)

    @classmethod
    def _send(cls, method: str, url: str, json: Any = None) -> Answer:
        try:
            answer = cls._answer(method, url, json)
        except NewConnectionError as error:  # which urllib3 counts among the timeouts too
            raise _unreachable(cls.base, method, url, error) from error
        except (ConnectTimeoutError, ReadTimeoutError) as error:
            raise ProxyUnreachable(
                f"Toxiproxy on {cls.base} does not answer within {cls.timeout:g} s ({method} {url}); "
                "a client that does not read can hang it, or it is stopped: look at its process"
            ) from error
        except HTTPError as error:
            raise _unreachable(cls.base, method, url, error) from error
        cls.heard.instance = instance_in(answer.headers.get("X-Toxiproxy-Request-Id"))
        return checked(answer, cls.base)

    @classmethod
    def _answer(cls, method: str, url: str, json: Any) -> Answer:
        try:
            return cls._whole(method, url, json)
        except ProtocolError:
            # A kept connection may be closed by the server just as we write to it (idle for too long). Asking again
            # is safe only where twice is as good as once.
            if method not in ("GET", "PATCH"):
                raise
            return cls._whole(method, url, json)

    @classmethod
    def _whole(cls, method: str, url: str, json: Any) -> Answer:
        # A pool asks neither HTTP_PROXY nor .netrc, which are for the outside: a forward proxy would be asked for *its*
        # 127.0.0.1.
        login = for_server(cls.base)
        got = cls.pool.urlopen(
            method,
            urlsplit(cls.base).path + url,
            None if json is None else as_json.dumps(json).encode(),
            {
                **_HEADERS,
                **({} if json is None else _JSON),
                **(make_headers(basic_auth=":".join(login)) if login else {}),
            },
            retries=False,
            redirect=False,
            timeout=Timeout(connect=min(cls.timeout, 3.05), read=cls.timeout),
        )
        return Answer(method, url, got.status, got.headers, got.data)


@lru_cache(maxsize=32)
def consumer_for(base: str, timeout: float = 5.0) -> type[Consumer]:
    """The consumer of the server at `base` (as `address.base_url` gives it); `timeout` in seconds bounds each call."""
    host, _, port = base.partition("://")[2].partition("/")[0].rpartition(":")
    facts = {"base": base, "host": host, "port": port, "timeout": timeout}
    pool = connection_from_url(base, maxsize=16)  # several: background activities call from threads
    if base.startswith("http:"):
        pool.ConnectionCls = _Connection
    facts["pool"] = pool
    facts["heard"] = threading.local()
    return type("Consumer", (Consumer,), facts)


def _unreachable(base: str, method: str, url: str, error: BaseException) -> ProxyUnreachable:
    if _refused(error):
        return ServerGone(
            f"nothing listens on {base} (connection refused); start a server with `chaos lab up` or `chaos proxy serve`"
        )
    return ProxyUnreachable(f"Toxiproxy on {base} cannot be reached ({method} {url}): {_innermost(error)}")


def _refused(error: BaseException) -> bool:
    return any(isinstance(one, ConnectionRefusedError) for one in _chain(error))


def _innermost(error: BaseException) -> str:
    last = _chain(error)[-1]
    return getattr(last, "strerror", None) or str(last) or type(last).__name__


def _chain(error: BaseException) -> list[BaseException]:
    chain: list[BaseException] = []
    at: BaseException | None = error
    while at is not None and at not in chain:
        chain.append(at)
        at = at.__cause__ or at.__context__
    return chain
