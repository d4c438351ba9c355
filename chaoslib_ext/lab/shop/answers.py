"""How the services answer: JSON, and a plain sentence when something is wrong."""

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse

from . import features
from .calls import Gone

__all__ = ["PROBLEMS", "BadRequest", "Refused", "health_of", "wanted"]


class Refused(Exception):
    """What was asked for is not done; the customer is told why, with a status that says of what kind it is."""

    status = 409

    def __init__(self, why: str, status: int | None = None) -> None:
        super().__init__(why)
        self.status = status or self.status


class BadRequest(Refused):
    """What was sent makes no sense."""

    status = 400


def _refused(_: Request, problem: Exception) -> JSONResponse:
    return JSONResponse({"error": str(problem)}, status_code=getattr(problem, "status", 409))


def _unavailable(_: Request, problem: Exception) -> JSONResponse:
    return JSONResponse({"error": str(problem)}, status_code=503)


PROBLEMS: dict[Any, Any] = {Refused: _refused, BadRequest: _refused, Gone: _unavailable}
"""What a service answers when one of these is raised."""


def health_of(service: str, **more: Callable[[], object]) -> Callable[[Request], Awaitable[JSONResponse]]:
    """GET /health of that service: it runs, which improvements it sees, and what `more` says."""

    async def health(_: Request) -> JSONResponse:
        told = {name: say() for name, say in more.items()}
        return JSONResponse({"service": service, "features": features.which(), **told})

    return health


async def wanted(request: Request) -> dict[str, Any]:
    """The JSON object in the request's body. Raises BadRequest when it is none."""
    try:
        body = await request.json()
    except ValueError as error:
        raise BadRequest(f"the body is not JSON: {error}") from None
    if not isinstance(body, dict):
        raise BadRequest("the body must be a JSON object")
    return body
