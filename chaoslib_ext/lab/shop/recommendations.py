"""Recommendations: what others bought. Nice to have, and not there every day. Environment: none of its own."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from .answers import PROBLEMS, health_of
from .data import products

__all__ = ["app"]


def recommended(_: Request) -> JSONResponse:
    """GET /recommendations: up to three products, those of which there are most."""
    most = sorted(products(), key=lambda product: (-product["stock"], product["sku"]))[:3]
    return JSONResponse({"skus": [product["sku"] for product in most if product["stock"]]})


app = Starlette(
    routes=[Route("/recommendations", recommended), Route("/health", health_of("recommendations"))],
    exception_handlers=PROBLEMS,
)
"""The service, for `uvicorn chaoslib_ext.lab.shop.recommendations:app`."""
