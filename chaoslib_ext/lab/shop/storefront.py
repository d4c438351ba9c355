"""The storefront: what a customer talks to. Environment: CHECKOUT_URL, CACHE_URL.

It asks checkout for products and orders, with a time limit, and lives without its cache: then the product list
comes from checkout each time, and only a kept cart is out of reach.
"""

import os
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from urllib3 import PoolManager, Timeout
from urllib3.exceptions import HTTPError

from .answers import BadRequest, refused, wanted
from .cart import Cache, CacheGone

__all__ = ["app"]

_cache = Cache()
_checkout = PoolManager(maxsize=40, retries=False, timeout=Timeout(total=10))


class CheckoutGone(Exception):
    """Checkout does not answer in time."""


def home(_: Request) -> JSONResponse:
    """GET /: the products, from the cache if it has them."""
    try:
        known = _cache.products()
    except CacheGone:
        return JSONResponse({"products": _products(), "from": "checkout"})
    if known is not None:
        return JSONResponse({"products": known, "from": "cache"})
    products = _products()
    _remember(products)
    return JSONResponse({"products": products, "from": "checkout"})


def _remember(products: list[dict[str, Any]]) -> None:
    try:
        _cache.remember(products)
    except CacheGone:
        return  # the customer has the list; the next one asks again


def _products() -> list[dict[str, Any]]:
    status, body = _ask("GET", "/products")
    if status != 200:
        raise CheckoutGone(f"checkout answered {status}")
    products: list[dict[str, Any]] = body["products"]
    return products


def cart(request: Request) -> JSONResponse:
    """GET /cart/{customer}: what is in the cart."""
    return JSONResponse({"items": _cache.cart(request.path_params["customer"])})


async def put(request: Request) -> JSONResponse:
    """POST /cart/{customer} {sku, quantity}: put something in."""
    body = await wanted(request)
    sku, quantity = body.get("sku"), body.get("quantity", 1)
    if not isinstance(sku, str) or not isinstance(quantity, int) or not 0 < quantity < 1000:
        raise BadRequest("sku must be a product and quantity a whole number from 1 to 999")
    await run_in_threadpool(_cache.put, request.path_params["customer"], sku, quantity)
    return JSONResponse({"in_cart": sku}, status_code=201)


async def checkout(request: Request) -> JSONResponse:
    """POST /checkout {customer, items?}: order what is given, or else what is in the cart."""
    return await run_in_threadpool(_buy, await wanted(request))


def _buy(body: dict[str, Any]) -> JSONResponse:
    from_cart = "items" not in body
    customer = str(body.get("customer") or "")
    order = {"customer": customer, "items": _cache.cart(customer) if from_cart else body["items"]}
    status, told = _ask("POST", "/orders", order)
    if from_cart and status == 201:
        _cache.empty(customer)
    return JSONResponse(told, status_code=status)


def _ask(method: str, path: str, body: dict[str, Any] | None = None) -> tuple[int, Any]:
    try:
        answer = _checkout.request(method, os.environ["CHECKOUT_URL"] + path, json=body)
    except HTTPError as error:
        raise CheckoutGone(f"checkout does not answer: {error}") from error
    if not answer.headers.get("Content-Type", "").startswith("application/json"):
        raise CheckoutGone(f"checkout answered {answer.status}")
    return answer.status, answer.json()


async def health(_: Request) -> JSONResponse:
    """GET /health: it runs."""
    return JSONResponse({"service": "storefront"})


def _unavailable(_: Request, problem: Exception) -> JSONResponse:
    return JSONResponse({"error": str(problem)}, status_code=503)


app = Starlette(
    routes=[
        Route("/", home),
        Route("/cart/{customer}", cart),
        Route("/cart/{customer}", put, methods=["POST"]),
        Route("/checkout", checkout, methods=["POST"]),
        Route("/health", health),
    ],
    exception_handlers={BadRequest: refused, CheckoutGone: _unavailable, CacheGone: _unavailable},
)
"""The service, for `uvicorn chaoslib_ext.lab.shop.storefront:app`."""
