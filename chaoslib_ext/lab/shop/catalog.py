"""The catalog: what there is to buy. The list lies in PostgreSQL, with a copy in Valkey for a minute.

Environment: DATABASE_URL, CACHE_URL. As shipped everybody who finds no copy asks the database, all at the same time.
The improvement `thundering-herd` lets one ask and gives the others what it was told.
"""

import json
import threading
import time
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from . import features
from .answers import PROBLEMS, BadRequest, health_of
from .database import Database
from .memory import CacheGone, Memory

__all__ = ["app"]

_COPY_S = 60
_FRESH_S = 1.0
_WINDOW = 1000

_database = Database(size=20)
_cache = Memory()
_asked: deque[bool] = deque(maxlen=_WINDOW)
_one_asks = threading.Lock()
_told: tuple[float, list[dict[str, Any]]] = (0.0, [])


def products(_: Request) -> JSONResponse:
    """GET /products: all there is, from the cache if it has them."""
    known = _remembered()
    listed = known if known is not None else _from_database()
    _asked.append(False)
    return JSONResponse({"products": listed, "from": "cache" if known is not None else "database"})


def _remembered() -> list[dict[str, Any]] | None:
    try:
        found = _cache.ask("get", "products")
    except CacheGone:
        return None
    return json.loads(found) if found else None


def _from_database() -> list[dict[str, Any]]:
    return _once_for_all() if features.is_on("thundering-herd") else _query()


def _once_for_all() -> list[dict[str, Any]]:
    global _told
    with _one_asks:
        asked, listed = _told
        if time.monotonic() - asked > _FRESH_S or not listed:
            listed = _query()
            _told = (time.monotonic(), listed)
    return listed


def _query() -> list[dict[str, Any]]:
    _asked.append(True)
    listed = _database.rows("SELECT sku, name, price_cents, stock FROM products ORDER BY name, sku", {})
    try:
        _cache.ask("set", "products", json.dumps(listed), ex=_COPY_S)
    except CacheGone:
        return listed  # the customer has the list; the next one asks again
    return listed


async def stats(request: Request) -> JSONResponse:
    """GET /stats?requests=40: questions put to the database for the last requests."""
    given = request.query_params.get("requests", "40")
    if not given.isdecimal() or not 0 < int(given) <= _WINDOW // 2:
        raise BadRequest(f"requests must be a whole number from 1 to {_WINDOW // 2}, not {given!r}")
    questions = answered = 0
    for is_question in reversed(_asked):
        questions, answered = questions + is_question, answered + (not is_question)
        if answered > int(given):
            break
    return JSONResponse({"requests": min(answered, int(given)), "database_questions": questions})


@asynccontextmanager
async def _running(_: Starlette) -> AsyncIterator[None]:
    await run_in_threadpool(_database.open)
    yield
    await run_in_threadpool(_database.close)


app = Starlette(
    routes=[Route("/products", products), Route("/stats", stats), Route("/health", health_of("catalog"))],
    exception_handlers=PROBLEMS,
    lifespan=_running,
)
"""The service, for `uvicorn chaoslib_ext.lab.shop.catalog:app`."""
