import json
import uuid
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from chaoslib_ext.blackbox.sql_values import plain


@pytest.mark.parametrize(
    ("value", "as_json"),
    [
        (None, None),
        (True, True),
        (Decimal("12.50"), 12.5),
        (Decimal("12.00"), 12),
        (Decimal("NaN"), "NaN"),
        (float("inf"), "inf"),
        (datetime(2026, 11, 22, 3, tzinfo=UTC), "2026-11-22T03:00:00+00:00"),
        (date(2026, 11, 22), "2026-11-22"),
        (timedelta(minutes=1), 60.0),
        (b"\x00\xff", "00ff"),
        (memoryview(b"a"), "61"),
        ({"a": [Decimal(1)]}, {"a": [1]}),
        (uuid.UUID(int=0), "00000000-0000-0000-0000-000000000000"),
    ],
)
def test_whatever_a_database_holds_json_can_hold(value: Any, as_json: Any) -> None:
    assert plain(value) == as_json and type(plain(value)) is type(as_json)
    json.dumps(plain(value), allow_nan=False)
