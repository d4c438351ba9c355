"""How often an outside provider was asked for each order, for its own monthly bill (and for a look at ours)."""

from collections import OrderedDict

from starlette.requests import Request

from .answers import BadRequest

__all__ = ["Asked", "how_many"]

_KEPT = 1000


class Asked:
    """Counts by order; the latest 1,000 orders are kept."""

    def __init__(self) -> None:
        self._times: OrderedDict[tuple[str, str], int] = OrderedDict()

    def note(self, order: str, customer: str) -> None:
        """Once more for this order."""
        self._times[customer, order] = self._times.get((customer, order), 0) + 1
        while len(self._times) > _KEPT:
            self._times.popitem(last=False)

    def last(self, orders: int, customer: str | None = None) -> list[int]:
        """How often, for each of the last `orders` orders that came, of this customer or of all."""
        return [times for (whose, _), times in self._times.items() if customer in (None, whose)][-orders:]


def how_many(request: Request) -> int:
    """The `orders` of the query, 10 without one. Raises BadRequest."""
    given = request.query_params.get("orders", "10")
    if not given.isdecimal() or not 0 < int(given) <= _KEPT:
        raise BadRequest(f"orders must be a whole number from 1 to {_KEPT}, not {given!r}")
    return int(given)
