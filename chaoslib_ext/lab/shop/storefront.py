"""The storefront: what a customer talks to.

Environment: CATALOG_URL, CART_URL, CHECKOUT_URL, RECOMMENDATIONS_URL. It keeps nothing itself.
"""

from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from . import features
from .answers import PROBLEMS, BadRequest, health_of, wanted
from .calls import Gone, Neighbour

__all__ = ["app"]

_catalog = Neighbour("catalog", "CATALOG_URL", seconds=5)
_cart = Neighbour("cart", "CART_URL", seconds=5)
_checkout = Neighbour("checkout", "CHECKOUT_URL", seconds=10)
_recommendations = Neighbour("recommendations", "RECOMMENDATIONS_URL", seconds=1)
_readiness = Neighbour("checkout", "CHECKOUT_URL", seconds=2)


def home(_: Request) -> JSONResponse:
    """GET /: the products, and some of them recommended."""
    listed = _catalog.told("/products")
    return JSONResponse({**listed, "recommended": _recommended()})


def _recommended() -> list[str]:
    try:
        skus: list[str] = _recommendations.told("/recommendations")["skus"]
    except Gone:
        if features.is_on("recommendations-fallback"):
            return []  # nobody came for the recommendations
        raise
    return skus


def cart(request: Request) -> JSONResponse:
    """GET /cart/{customer}: what is in the cart."""
    status, told = _cart.ask("GET", f"/carts/{request.path_params['customer']}")
    return JSONResponse(told, status_code=status)


async def put(request: Request) -> JSONResponse:
    """POST /cart/{customer} {sku, quantity}: put something in."""
    body = await wanted(request)
    path = f"/carts/{request.path_params['customer']}"
    status, told = await run_in_threadpool(_cart.ask, "POST", path, body)
    return JSONResponse(told, status_code=status)


async def checkout(request: Request) -> JSONResponse:
    """POST /checkout {customer, items?}: order what is given, or else what is in the cart.

    An Idempotency-Key header makes a submit that comes twice the same order.
    """
    return await run_in_threadpool(_buy, await wanted(request), request.headers.get("Idempotency-Key"))


def _buy(body: dict[str, Any], key: str | None) -> JSONResponse:
    customer = body.get("customer")
    if not isinstance(customer, str) or not customer:
        raise BadRequest("customer must be a name")
    from_cart = "items" not in body
    items = _cart.told(f"/carts/{customer}")["items"] if from_cart else body["items"]
    headers = {"Idempotency-Key": key} if key else None
    status, told = _checkout.ask("POST", "/orders", {"customer": customer, "items": items}, headers)
    if from_cart and status == 201:
        _cart.ask("DELETE", f"/carts/{customer}")
    return JSONResponse(told, status_code=status)


def order(request: Request) -> JSONResponse:
    """GET /orders/{id}: how far an order has come."""
    status, told = _checkout.ask("GET", f"/orders/{request.path_params['id']}")
    return JSONResponse(told, status_code=status)


def ready(_: Request) -> JSONResponse:
    """GET /ready: what a load balancer asks before it sends customers here."""
    if features.is_on("honest-health"):
        _readiness.told("/ready")  # Gone, and so a 503, when an order could not be taken
    return JSONResponse({"ready": True})


app = Starlette(
    routes=[
        Route("/", home),
        Route("/cart/{customer}", cart),
        Route("/cart/{customer}", put, methods=["POST"]),
        Route("/checkout", checkout, methods=["POST"]),
        Route("/orders/{id:uuid}", order),
        Route("/ready", ready),
        Route("/health", health_of("storefront")),
    ],
    exception_handlers=PROBLEMS,
)
"""The service, for `uvicorn chaoslib_ext.lab.shop.storefront:app`."""
