"""How the services answer: JSON, and a plain sentence when something is wrong."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse

__all__ = ["BadRequest", "refused", "wanted"]


class BadRequest(Exception):
    """What was sent makes no sense; the customer is told why."""


def refused(_: Request, problem: Exception) -> JSONResponse:
    """A 400 that says why."""
    return JSONResponse({"error": str(problem)}, status_code=400)


async def wanted(request: Request) -> dict[str, Any]:
    """The JSON object in the request's body. Raises BadRequest when it is none."""
    try:
        body = await request.json()
    except ValueError as error:
        raise BadRequest(f"the body is not JSON: {error}") from None
    if not isinstance(body, dict):
        raise BadRequest("the body must be a JSON object")
    return body
