"""A tolerance as the host knows it, held against a value: one dialect in an experiment, wherever it stands."""

from collections.abc import Callable
from typing import Any

from chaoslib_ext.errors import BadInput

__all__ = ["tolerance"]


def tolerance(written: Any) -> Callable[[Any], bool]:
    """Does it accept a value? What cannot be compared with it, it does not accept.

    Raises BadInput for a tolerance that is none, and for one that runs an activity.
    """
    from chaoslib.exceptions import InvalidActivity
    from chaoslib.hypothesis import ensure_hypothesis_tolerance_is_valid, within_tolerance

    if isinstance(written, dict) and written.get("type") == "probe":
        raise BadInput("tolerance must be a value, a list, a range, a regex or a jsonpath here, not a probe")
    try:
        ensure_hypothesis_tolerance_is_valid(written)
    except InvalidActivity as error:
        raise BadInput(f"tolerance {written!r}: {error}") from None

    def accepts(value: Any) -> bool:
        try:
            return bool(within_tolerance(written, value))
        except (TypeError, ValueError, AttributeError, ArithmeticError):
            return False  # the host would end the run here: nothing is no number, a number has no text

    return accepts
