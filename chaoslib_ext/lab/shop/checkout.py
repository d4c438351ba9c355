"""Checkout: takes an order from its first check to its payment.

Environment: ORDERS_URL, PAYMENT_URL, SHIPPING_URL, SHOP_DATA; WORKERS (20) is how many requests it works on at once,
the rest wait in line.
"""

import asyncio
import os
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from anyio.to_thread import current_default_thread_limiter
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from . import features, sending
from .answers import PROBLEMS, BadRequest, Refused, health_of, wanted
from .calls import Gone, Neighbour
from .data import users
from .paying import PaymentFailed, pay, pay_within

__all__ = ["app"]

_orders = Neighbour("orders", "ORDERS_URL", seconds=5)
_owed = threading.Event()  # is there an order whose payment may still be asked for?
_owed.set()


async def take(request: Request) -> JSONResponse:
    """POST /orders {customer, items: {sku: quantity}}: 201 with the order, 502 when it could not be paid.

    403 for a customer who is blocked, 402 for a card that has expired, 409 for what is sold out.
    """
    customer, items = _checked(await wanted(request))
    return await run_in_threadpool(_take, customer, items, request.headers.get("Idempotency-Key"))


def _checked(body: dict[str, Any]) -> tuple[str, dict[str, int]]:
    customer, items = body.get("customer"), body.get("items")
    if not isinstance(customer, str) or not customer:
        raise BadRequest("customer must be a name")
    if not isinstance(items, dict) or not items:
        raise BadRequest("items must be an object of sku: quantity with at least one entry")
    for sku, quantity in items.items():
        if not isinstance(quantity, int) or isinstance(quantity, bool) or not 0 < quantity < 1000:
            raise BadRequest(f"the quantity of {sku} must be a whole number from 1 to 999, not {quantity!r}")
    _may_buy(customer)
    return customer, items


def _may_buy(customer: str) -> None:
    account = users().get(customer)
    if account is None:
        return  # a guest
    if account.get("blocked"):
        raise Refused(f"the account of {customer} is blocked", 403)
    expires = (account.get("card") or {}).get("expires")
    if expires and expires < f"{datetime.now(UTC):%Y-%m}":
        raise Refused(f"the card of {customer} expired in {expires}", 402)


def _take(customer: str, items: dict[str, int], key: str | None) -> JSONResponse:
    status, placed = _orders.ask("POST", "/orders", {"customer": customer, "items": items, "key": key})
    if status == 200:
        return JSONResponse(placed, status_code=201)  # this very submit was taken before
    if status != 201:
        return JSONResponse(placed, status_code=status)
    order, total = placed["order"], placed["total_cents"]
    told = {"order": order, "total_cents": total}
    told["shipping_cents"] = sending.shipping_cents(order, customer, sum(items.values()))
    try:
        pay_somehow = _paid_or_pending if features.is_on("payment-timeout") else _paid
        told["status"] = pay_somehow(order, customer, total)
    except PaymentFailed as problem:
        return JSONResponse({**told, "error": str(problem)}, status_code=502)
    _mark(order, told["status"])
    return JSONResponse(told, status_code=201)


def _paid(order: str, customer: str, total: int) -> str:
    pay(order, customer, total)
    return "paid"


def _paid_or_pending(order: str, customer: str, total: int) -> str:
    # the customer's order counts; the money is asked for again by _settle
    try:
        pay_within(order, customer, total)
    except PaymentFailed:
        _owed.set()
        return "payment pending"
    return "paid"


def _mark(order: str, status: str) -> None:
    code, told = _orders.ask("PUT", f"/orders/{order}/status", {"status": status})
    if code != 200:
        raise Gone(f"orders answered {code}: {told.get('error')}")


async def _settle() -> None:
    """Ask for the money that is owed; raises Gone or PaymentFailed when some of it still is."""
    for one in (await asyncio.to_thread(_orders.told, "/orders/pending"))["orders"]:
        await asyncio.to_thread(pay_within, one["order"], one["customer"], one["total_cents"], 5)
        await asyncio.to_thread(_mark, one["order"], "paid")


async def _settle_for_ever() -> None:
    while True:
        await asyncio.sleep(1)
        if not _owed.is_set():
            continue
        try:
            _owed.clear()
            await _settle()
        except (Gone, PaymentFailed) as problem:
            _owed.set()
            print(f"settling payments: {problem}; trying again", flush=True)


def order(request: Request) -> JSONResponse:
    """GET /orders/{id}: one order, or 404."""
    status, told = _orders.ask("GET", f"/orders/{request.path_params['id']}")
    return JSONResponse(told, status_code=status)


def ready(_: Request) -> JSONResponse:
    """GET /ready: could an order be taken now?"""
    return JSONResponse(_orders.told("/ready"))


@asynccontextmanager
async def _running(_: Starlette) -> AsyncIterator[None]:
    current_default_thread_limiter().total_tokens = int(os.environ.get("WORKERS", "20"))
    settling = asyncio.create_task(_settle_for_ever())
    yield
    sending.closing.set()
    settling.cancel()


app = Starlette(
    routes=[
        Route("/orders", take, methods=["POST"]),
        Route("/orders/{id:uuid}", order),
        Route("/ready", ready),
        Route(
            "/health",
            health_of(
                "checkout",
                workers=lambda: current_default_thread_limiter().total_tokens,
                busy=lambda: current_default_thread_limiter().borrowed_tokens,
            ),
        ),
    ],
    exception_handlers=PROBLEMS,
    lifespan=_running,
)
"""The service, for `uvicorn chaoslib_ext.lab.shop.checkout:app`."""
