"""Carts, in Valkey. Environment: CACHE_URL, DATABASE_URL.

As shipped a cache that is gone looks like an empty cart. The improvement `cart-durability` keeps a copy of each cart
in PostgreSQL, and goes by that when the cache is silent or has forgotten.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from psycopg.types.json import Jsonb
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from . import features
from .answers import PROBLEMS, BadRequest, health_of, wanted
from .calls import Gone
from .database import Database
from .memory import CacheGone, Memory

__all__ = ["app"]

_KEEP = """
INSERT INTO carts (customer, items) VALUES (%(customer)s, %(items)s)
ON CONFLICT (customer) DO UPDATE SET items = excluded.items
"""
_cache = Memory()
_database = Database(size=10)


def cart(request: Request) -> JSONResponse:
    """GET /carts/{customer}: quantities by sku."""
    return JSONResponse({"items": _items(request.path_params["customer"])})


def _items(customer: str) -> dict[str, int]:
    return _kept_items(customer) if features.is_on("cart-durability") else _cached_items(customer)


def _cached_items(customer: str) -> dict[str, int]:
    try:
        return _in_cache(customer)
    except CacheGone:
        return {}


def _kept_items(customer: str) -> dict[str, int]:
    try:
        items = _in_cache(customer)
    except CacheGone:
        return _copy(customer)
    if not items:
        return _copy(customer)
    _keep(customer, items)
    return items


def _in_cache(customer: str) -> dict[str, int]:
    return {sku: int(quantity) for sku, quantity in _cache.ask("hgetall", f"cart:{customer}").items()}


def _copy(customer: str) -> dict[str, int]:
    found = _database.rows("SELECT items FROM carts WHERE customer = %(customer)s", {"customer": customer})
    return dict(found[0]["items"]) if found else {}


def _keep(customer: str, items: dict[str, int]) -> None:
    _database.do(_KEEP, {"customer": customer, "items": Jsonb(items)})


async def put(request: Request) -> JSONResponse:
    """POST /carts/{customer} {sku, quantity}: put something in; 201."""
    body = await wanted(request)
    sku, quantity = body.get("sku"), body.get("quantity", 1)
    if not isinstance(sku, str) or not sku:
        raise BadRequest("sku must be a product")
    if not isinstance(quantity, int) or isinstance(quantity, bool) or not 0 < quantity < 1000:
        raise BadRequest(f"quantity must be a whole number from 1 to 999, not {quantity!r}")
    await run_in_threadpool(_put, request.path_params["customer"], sku, quantity)
    return JSONResponse({"in_cart": sku}, status_code=201)


def _put(customer: str, sku: str, quantity: int) -> None:
    if features.is_on("cart-durability"):
        items = _kept_items(customer)
        _keep(customer, {**items, sku: items.get(sku, 0) + quantity})
    try:
        _cache.ask("hincrby", f"cart:{customer}", sku, quantity)
    except CacheGone as problem:
        if not features.is_on("cart-durability"):
            raise Gone(str(problem)) from problem


def empty(request: Request) -> JSONResponse:
    """DELETE /carts/{customer}: forget it."""
    customer = request.path_params["customer"]
    if features.is_on("cart-durability"):
        _database.do("DELETE FROM carts WHERE customer = %(customer)s", {"customer": customer})
    try:
        _cache.ask("delete", f"cart:{customer}")
    except CacheGone as problem:
        raise Gone(str(problem)) from problem
    return JSONResponse({"items": {}})


@asynccontextmanager
async def _running(_: Starlette) -> AsyncIterator[None]:
    await run_in_threadpool(_database.open)
    yield
    await run_in_threadpool(_database.close)


app = Starlette(
    routes=[
        Route("/carts/{customer}", cart),
        Route("/carts/{customer}", put, methods=["POST"]),
        Route("/carts/{customer}", empty, methods=["DELETE"]),
        Route("/health", health_of("cart")),
    ],
    exception_handlers=PROBLEMS,
    lifespan=_running,
)
"""The service, for `uvicorn chaoslib_ext.lab.shop.cart:app`."""
