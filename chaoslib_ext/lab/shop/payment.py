"""The payment provider: somebody else's service, outside the shop's walls. Environment: none.

A charge is made once for each Idempotency-Key, however often it is asked for, as card processors promise.
"""

from uuid import uuid4

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from .answers import BadRequest, refused, wanted

__all__ = ["app"]

_charges: dict[str, dict[str, str | int]] = {}


async def charge(request: Request) -> JSONResponse:
    """POST /charges {amount_cents}: take the money; 201, or 200 when this key was charged before."""
    body = await wanted(request)
    cents = body.get("amount_cents")
    if not isinstance(cents, int) or isinstance(cents, bool) or cents <= 0:
        raise BadRequest(f"amount_cents must be a whole number above 0, not {cents!r}")
    key = request.headers.get("Idempotency-Key") or uuid4().hex
    known = key in _charges
    made = _charges.setdefault(key, {"charge": uuid4().hex, "amount_cents": cents})
    return JSONResponse(made, status_code=200 if known else 201)


async def health(_: Request) -> JSONResponse:
    """GET /health: it runs, and how much it has charged."""
    return JSONResponse({"service": "payment", "charges": len(_charges)})


app = Starlette(
    routes=[Route("/charges", charge, methods=["POST"]), Route("/health", health)],
    exception_handlers={BadRequest: refused},
)
"""The service, for `uvicorn chaoslib_ext.lab.shop.payment:app`."""
