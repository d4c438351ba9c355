"""Days, times, zones and moments as people write them."""

from datetime import date, datetime, time
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from chaoslib_ext.safety import policy_words as words


def read(kind: Any, value: Any) -> Any:
    return TypeAdapter(kind).validate_python(value)


@pytest.mark.parametrize(
    ("value", "days"),
    [
        ("mon-wed", "mon tue wed"),
        ("sat-mon", "sat sun mon"),
        ("Mon, fri", "mon fri"),
        (["mon-tue", "tue"], "mon tue"),
        ("sun", "sun"),
    ],
)
def test_days_are_names_and_ranges_over_the_weekend_too(value: Any, days: str) -> None:
    assert read(words.Days, value) == tuple(days.split())


def test_times_moments_and_zones() -> None:
    assert read(words.TimeOfDay, "09:05") == time(9, 5)
    assert read(words.EndOfDay, "24:00") is None
    assert read(words.Moment, "2026-11-27") == date(2026, 11, 27)
    assert read(words.Moment, "2026-11-27 18:00") == datetime(2026, 11, 27, 18)
    assert str(read(words.Zone, "Asia/Kolkata")) == "Asia/Kolkata"
    assert read(words.Lasting, "2m") == 120


def test_one_word_is_a_list_of_one() -> None:
    assert read(words.Names, "web") == ("web",) and read(words.Kinds, "down") == ("down",)
    assert read(words.Names, []) == ()


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (words.Days, "everyday"), (words.Days, 3), (words.Days, []), (words.Zone, "CEST/Berlin"), (words.Zone, ""),
        (words.TimeOfDay, "9 o'clock"), (words.TimeOfDay, "24:00"), (words.Zone, "../../etc/passwd"), (words.Count, 0),
        (words.Kinds, "lag"), (words.Kinds, 3), (words.Moment, "tomorrow"),
        (words.Number, float("inf")), (words.Lasting, "for ever"), (words.Lasting, True),
    ],
)  # fmt: skip
def test_what_is_none_of_it_is_refused(kind: Any, value: Any) -> None:
    with pytest.raises(ValidationError):
        read(kind, value)
