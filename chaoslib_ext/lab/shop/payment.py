"""The payment provider: somebody else's service, outside the shop's walls. Environment: none.

A charge is made once for each Idempotency-Key, however often it is asked for, as card processors promise; without a
key each request is a charge of its own.
"""

from uuid import uuid4

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from .answers import PROBLEMS, BadRequest, health_of, wanted
from .asked import Asked, how_many

__all__ = ["app"]

_charges: dict[str, dict[str, str | int]] = {}
_asked = Asked()


async def charge(request: Request) -> JSONResponse:
    """POST /charges {amount_cents, order?, customer?}: take the money; 201, or 200 when this key was charged before."""
    body = await wanted(request)
    cents = body.get("amount_cents")
    if not isinstance(cents, int) or isinstance(cents, bool) or cents <= 0:
        raise BadRequest(f"amount_cents must be a whole number above 0, not {cents!r}")
    key = request.headers.get("Idempotency-Key") or uuid4().hex
    if known := _charges.get(key):
        return JSONResponse(known)
    _charges[key] = {"charge": uuid4().hex, "amount_cents": cents}
    _asked.note(str(body.get("order") or key), str(body.get("customer")))
    return JSONResponse(_charges[key], status_code=201)


async def last(request: Request) -> JSONResponse:
    """GET /charges/last?orders=10&customer=ann: how often the last orders were charged, at most."""
    charged = _asked.last(how_many(request), request.query_params.get("customer"))
    return JSONResponse({"orders": len(charged), "most_charges_for_one_order": max(charged, default=0)})


app = Starlette(
    routes=[
        Route("/charges", charge, methods=["POST"]),
        Route("/charges/last", last),
        Route("/health", health_of("payment", charges=lambda: len(_charges))),
    ],
    exception_handlers=PROBLEMS,
)
"""The service, for `uvicorn chaoslib_ext.lab.shop.payment:app`."""
