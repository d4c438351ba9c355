"""The wire to one Toxiproxy API: toxiproxy-python's `APIConsumer`, subclassed per server and mended.

The library keeps host and port on the class, so one class is one server; a subclass each lets a process speak to
several. Its bare `requests` calls have no timeout, no session and no answer to a 5xx; the subclass has all three.
Every request of ours to a Toxiproxy goes through the four class methods here, and through nothing else.
"""

import threading
from functools import lru_cache
from typing import Any
from urllib.parse import quote

import requests
from requests.adapters import HTTPAdapter
from toxiproxy.api import APIConsumer

from chaoslib_ext import __version__
from chaoslib_ext.errors import BadInput, ProxyUnreachable, ServerGone

from .answers import checked
from .credentials import for_server
from .request_id import instance_in

__all__ = ["Consumer", "consumer_for", "path"]

_HEADERS = {
    "User-Agent": f"chaostoolkit-ext/{__version__}",
    "Accept-Encoding": "gzip, deflate",
    "Accept": "*/*",
    "Connection": "keep-alive",
}


def path(*names: str) -> str:
    """A path of the API with every name quoted: `path("proxies", "a b")` is `/proxies/a%20b`. Raises BadInput."""
    if bad := [name for name in names if name in ("", ".", "..")]:
        raise BadInput(f"{bad[0]!r} is not the name of a proxy or a toxic")
    return "".join(f"/{quote(name, safe='')}" for name in names)


class Consumer(APIConsumer):  # type: ignore[misc]  # the library is untyped
    """One server's API. Made by `consumer_for`; used as a class, as its parent is.

    Every method returns a `requests.Response` of a status below 400, or raises one of the ProxyError family.
    """

    base = ""
    timeout = 5.0
    adapter: HTTPAdapter
    heard: threading.local
    """`instance`: who gave the last answer that this thread had (`identity.py`); None of a server that does not say."""

    @classmethod
    def get(cls, url: str, params: Any = None, **kwargs: Any) -> requests.Response:
        """Read."""
        return cls._send("GET", url, params=params, **kwargs)

    @classmethod
    def post(cls, url: str, data: Any = None, json: Any = None, **kwargs: Any) -> requests.Response:
        """Create."""
        return cls._send("POST", url, data=data, json=json, **kwargs)

    @classmethod
    def patch(cls, url: str, json: Any = None, **kwargs: Any) -> requests.Response:
        """Change; the library has no such method, Toxiproxy has had it since 2.6."""
        return cls._send("PATCH", url, json=json, **kwargs)

    @classmethod
    def delete(cls, url: str, **kwargs: Any) -> requests.Response:
        """Remove."""
        return cls._send("DELETE", url, **kwargs)

    @classmethod
    def _send(cls, method: str, url: str, **kwargs: Any) -> requests.Response:
        kwargs.setdefault("timeout", (min(cls.timeout, 3.05), cls.timeout))
        kwargs.setdefault("auth", for_server(cls.base))
        try:
            answer = cls._answer(method, cls.base + url, **kwargs)
            cls.heard.instance = instance_in(answer.headers.get("X-Toxiproxy-Request-Id"))
            return checked(answer, cls.base)
        except requests.Timeout as error:
            raise ProxyUnreachable(
                f"Toxiproxy on {cls.base} does not answer within {cls.timeout:g} s ({method} {url}); "
                "a client that does not read can hang it, or it is stopped: look at its process"
            ) from error
        except requests.RequestException as error:
            raise _unreachable(cls.base, method, url, error) from error

    @classmethod
    def _answer(cls, method: str, url: str, timeout: Any, **parts: Any) -> requests.Response:
        # Prepared here and sent by the adapter: a session spends a third of a request on settings that it does not
        # have. HTTP_PROXY and .netrc are for the outside, and are asked by a session only: a forward proxy would be
        # asked for *its* 127.0.0.1.
        request = requests.Request(method, url, headers=_HEADERS, **parts).prepare()
        try:
            return cls._whole(request, timeout)
        except requests.ConnectionError as error:
            # A kept connection may be closed by the server just as we write to it (idle for too long). Asking again
            # is safe only where twice is as good as once.
            if method not in ("GET", "PATCH") or isinstance(error, requests.Timeout) or _refused(error):
                raise
            return cls._whole(request, timeout)

    @classmethod
    def _whole(cls, request: requests.PreparedRequest, timeout: Any) -> requests.Response:
        answer = cls.adapter.send(request, timeout=timeout)
        answer.content  # noqa: B018 (read now, so that the connection is free for the next)
        return answer


@lru_cache(maxsize=32)
def consumer_for(base: str, timeout: float = 5.0) -> type[Consumer]:
    """The consumer of the server at `base` (as `address.base_url` gives it); `timeout` in seconds bounds each call."""
    host, _, port = base.partition("://")[2].partition("/")[0].rpartition(":")
    facts = {"base": base, "host": host, "port": port, "timeout": timeout}
    facts["adapter"] = HTTPAdapter(pool_maxsize=16, max_retries=0)  # a pool: background activities call from threads
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
