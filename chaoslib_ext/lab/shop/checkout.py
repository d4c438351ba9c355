"""Checkout: takes orders, has them paid, and knows the products.

Environment: DATABASE_URL, PAYMENT_URL; WORKERS (20) is how many requests it works on at once, the rest wait in line.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from anyio.to_thread import current_default_thread_limiter
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from . import features
from .answers import BadRequest, refused, wanted
from .orders import Orders
from .paying import PaymentFailed, pay, pay_within

__all__ = ["app"]

_orders = Orders()


async def take(request: Request) -> JSONResponse:
    """POST /orders {customer, items: {sku: quantity}}: 201 with the order, 502 when it could not be paid."""
    body = await wanted(request)
    return await run_in_threadpool(_take, *_checked(body))


def _checked(body: dict[str, Any]) -> tuple[str, dict[str, int]]:
    customer, items = body.get("customer"), body.get("items")
    if not isinstance(customer, str) or not customer:
        raise BadRequest("customer must be a name")
    if not isinstance(items, dict) or not items:
        raise BadRequest("items must be an object of sku: quantity with at least one entry")
    for sku, quantity in items.items():
        if not isinstance(quantity, int) or isinstance(quantity, bool) or not 0 < quantity < 1000:
            raise BadRequest(f"the quantity of {sku} must be a whole number from 1 to 999, not {quantity!r}")
    return customer, items


def _take(customer: str, items: dict[str, int]) -> JSONResponse:
    order, total = _orders.place(customer, items)
    told = {"order": str(order), "total_cents": total}
    try:
        status = _paid_or_pending(order, total) if features.is_on("payment-timeout") else _paid(order, total)
    except PaymentFailed as problem:
        return JSONResponse({**told, "error": str(problem)}, status_code=502)
    _orders.mark(order, status)
    return JSONResponse({**told, "status": status}, status_code=201)


def _paid(order: UUID, total: int) -> str:
    pay(order, total)
    return "paid"


def _paid_or_pending(order: UUID, total: int) -> str:
    # the customer's order counts; the money is asked for again by _settle, under the same key
    try:
        pay_within(order, total)
    except PaymentFailed:
        return "payment pending"
    return "paid"


async def _settle() -> None:
    while True:
        await asyncio.sleep(1)
        for order, total in await asyncio.to_thread(_orders.pending):
            try:
                await asyncio.to_thread(pay_within, order, total, 5)
            except PaymentFailed:
                break  # still slow or gone: the next round tries again
            await asyncio.to_thread(_orders.mark, order, "paid")


async def _settle_for_ever() -> None:
    while True:
        try:
            await _settle()
        except Exception as error:
            print(f"settling payments: {error}; trying again", flush=True)


def products(_: Request) -> JSONResponse:
    """GET /products: all there is to buy."""
    return JSONResponse({"products": _orders.products()})


def order(request: Request) -> JSONResponse:
    """GET /orders/{id}: one order, or 404."""
    found = _orders.order(request.path_params["id"])
    return JSONResponse(found) if found else JSONResponse({"error": "no such order"}, status_code=404)


async def health(_: Request) -> JSONResponse:
    """GET /health: it runs, and how many of its workers are busy."""
    workers = current_default_thread_limiter()
    busy = {"workers": workers.total_tokens, "busy": workers.borrowed_tokens}
    return JSONResponse({"service": "checkout", "features": features.which(), **busy})


@asynccontextmanager
async def _running(_: Starlette) -> AsyncIterator[None]:
    current_default_thread_limiter().total_tokens = int(os.environ.get("WORKERS", "20"))
    await asyncio.to_thread(_orders.open)
    settling = asyncio.create_task(_settle_for_ever())
    yield
    settling.cancel()
    await asyncio.to_thread(_orders.close)


app = Starlette(
    routes=[
        Route("/orders", take, methods=["POST"]),
        Route("/orders/{id:uuid}", order),
        Route("/products", products),
        Route("/health", health),
    ],
    exception_handlers={BadRequest: refused},
    lifespan=_running,
)
"""The service, for `uvicorn chaoslib_ext.lab.shop.checkout:app`."""
