"""The shipping provider: somebody else's service, which says what a parcel costs. Environment: none."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from .answers import PROBLEMS, BadRequest, health_of, wanted
from .asked import Asked, how_many

__all__ = ["app"]

_BASE_CENTS, _PIECE_CENTS = 390, 50
_asked = Asked()


async def quote(request: Request) -> JSONResponse:
    """POST /quotes {order, pieces, customer?}: what the parcel costs."""
    body = await wanted(request)
    pieces = body.get("pieces")
    if not isinstance(pieces, int) or isinstance(pieces, bool) or pieces <= 0:
        raise BadRequest(f"pieces must be a whole number above 0, not {pieces!r}")
    _asked.note(str(body.get("order")), str(body.get("customer")))
    return JSONResponse({"shipping_cents": _BASE_CENTS + _PIECE_CENTS * pieces})


async def last(request: Request) -> JSONResponse:
    """GET /quotes/last?orders=10&customer=ann: how often a quote was asked for one of the last orders, at most."""
    asked = _asked.last(how_many(request), request.query_params.get("customer"))
    return JSONResponse({"orders": len(asked), "most_asked_for_one_order": max(asked, default=0)})


app = Starlette(
    routes=[
        Route("/quotes", quote, methods=["POST"]),
        Route("/quotes/last", last),
        Route("/health", health_of("shipping")),
    ],
    exception_handlers=PROBLEMS,
)
"""The service, for `uvicorn chaoslib_ext.lab.shop.shipping:app`."""
