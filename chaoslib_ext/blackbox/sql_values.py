"""Values of a database as JSON can hold them, for a tolerance and for the record."""

import math
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

__all__ = ["plain"]


def plain(value: Any) -> Any:
    """Numbers stay numbers, times become ISO 8601, intervals seconds, bytes hex, what is left over its text."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float | Decimal):
        return _number(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).hex()
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set):
        return [plain(item) for item in value]
    return str(value)


def _number(value: float | Decimal) -> float | int | str:
    """JSON knows neither infinity nor NaN: they become text."""
    if not math.isfinite(value):
        return str(value)
    return int(value) if isinstance(value, Decimal) and value == value.to_integral_value() else float(value)
