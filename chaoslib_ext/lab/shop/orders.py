"""Orders: keeps what was ordered in PostgreSQL. Environment: DATABASE_URL, DATABASE_POOL (10).

As shipped a connection whose question failed is not given back to the pool: ten failures, and there is none left, also
when the database is well again. The improvement `orders-pool` gives it back whatever happens.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any
from uuid import UUID, uuid4

from psycopg import Connection
from psycopg.types.json import Jsonb
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from . import features
from .answers import PROBLEMS, BadRequest, Refused, health_of, wanted
from .calls import Gone
from .database import Database, answers_within

__all__ = ["app"]

_PLACE = """
WITH placed AS (
    INSERT INTO orders (id, customer, total_cents, status, submit_key)
    VALUES (%(id)s, %(customer)s, %(total)s, 'placed', %(key)s)
)
INSERT INTO order_lines (order_id, sku, quantity)
SELECT %(id)s, sku, quantity FROM jsonb_to_recordset(%(lines)s) AS line (sku text, quantity integer)
"""
_SHOWN = "SELECT id::text AS order, customer, total_cents, status FROM orders"
_STATUSES = ("placed", "paid", "payment pending")


class _LeakyDatabase(Database):
    """As its team wrote it: an exception takes the connection with it."""

    @contextmanager
    def lent(self) -> Iterator[Connection[Any]]:
        if features.is_on("orders-pool"):
            with super().lent() as connection:
                yield connection
        else:
            connection = self.take()
            yield connection
            self.give_back(connection)


_POOL = int(os.environ.get("DATABASE_POOL", "10"))
_database = _LeakyDatabase(size=_POOL, standing=_POOL)


async def place(request: Request) -> JSONResponse:
    """POST /orders {customer, items, key?}: 201 with the order, 200 when that key was ordered before."""
    body = await wanted(request)
    status, told = await run_in_threadpool(_place, body["customer"], body["items"], body.get("key"))
    return JSONResponse(told, status_code=status)


def _place(customer: str, items: dict[str, int], key: str | None) -> tuple[int, dict[str, Any]]:
    if key and (before := _database.rows(f"{_SHOWN} WHERE submit_key = %(key)s", {"key": key})):
        return 200, before[0]
    total = _total(items)
    order = uuid4()
    rows = [{"sku": sku, "quantity": quantity} for sku, quantity in items.items()]
    values = {"id": order, "customer": customer, "total": total, "lines": Jsonb(rows), "key": key}
    _database.do(_PLACE, values)
    return 201, {"order": str(order), "customer": customer, "total_cents": total, "status": "placed"}


def _total(items: dict[str, int]) -> int:
    question = "SELECT sku, price_cents, stock FROM products WHERE sku = ANY(%(skus)s)"
    found = {row["sku"]: row for row in _database.rows(question, {"skus": list(items)})}
    if missing := sorted(set(items) - set(found)):
        raise BadRequest(f"no such product: {', '.join(missing)}")
    if sold_out := sorted(sku for sku, row in found.items() if row["stock"] < 1):
        raise Refused(f"sold out: {', '.join(sold_out)}")
    return sum(int(found[sku]["price_cents"]) * quantity for sku, quantity in items.items())


async def mark(request: Request) -> JSONResponse:
    """PUT /orders/{id}/status {status}: how far it has come."""
    status = (await wanted(request)).get("status")
    if status not in _STATUSES:
        raise BadRequest(f"status must be one of {', '.join(_STATUSES)}")
    change = "UPDATE orders SET status = %(status)s WHERE id = %(id)s"
    await run_in_threadpool(_database.do, change, {"status": status, "id": request.path_params["id"]})
    return JSONResponse({"status": status})


def order(request: Request) -> JSONResponse:
    """GET /orders/{id}: one order, or 404."""
    order: UUID = request.path_params["id"]
    found = _database.rows(f"{_SHOWN} WHERE id = %(id)s", {"id": order})
    return JSONResponse(found[0]) if found else JSONResponse({"error": "no such order"}, status_code=404)


def pending(_: Request) -> JSONResponse:
    """GET /orders/pending: up to 20 orders whose payment is still owed, the oldest first."""
    return JSONResponse(
        {"orders": _database.rows(f"{_SHOWN} WHERE status = 'payment pending' ORDER BY placed_at LIMIT 20", {})}
    )


async def ready(_: Request) -> JSONResponse:
    """GET /ready: could an order be kept now? Answered within a second."""
    try:
        answers = await asyncio.wait_for(asyncio.to_thread(answers_within, 1), timeout=1)
    except TimeoutError:
        answers = False
    if not answers:
        raise Gone("the database does not answer")
    return JSONResponse({"ready": True})


def renew(_: Request) -> JSONResponse:
    """POST /pool/renew: for the operator: new connections, as after a restart."""
    _database.renew()
    return JSONResponse({"renewed": True})


@asynccontextmanager
async def _running(_: Starlette) -> AsyncIterator[None]:
    await run_in_threadpool(_database.open)
    yield
    await run_in_threadpool(_database.close)


app = Starlette(
    routes=[
        Route("/orders", place, methods=["POST"]),
        Route("/orders/pending", pending),
        Route("/orders/{id:uuid}", order),
        Route("/orders/{id:uuid}/status", mark, methods=["PUT"]),
        Route("/ready", ready),
        Route("/pool/renew", renew, methods=["POST"]),
        Route("/health", health_of("orders")),
    ],
    exception_handlers=PROBLEMS,
    lifespan=_running,
)
"""The service, for `uvicorn chaoslib_ext.lab.shop.orders:app`."""
