"""The shared words: durations as people write them, and data that cannot be changed or misspelt."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from chaoslib_ext.model import Deadline, Target, parse_duration

TARGET = {"server": "http://127.0.0.1:8474", "proxy": "db", "listen": "127.0.0.1:1", "upstream": "127.0.0.1:2"}


@pytest.mark.parametrize(
    ("written", "seconds"),
    [("250ms", 0.25), ("30s", 30), (" 2 m ", 120), ("1h", 3600), ("1.5s", 1.5), (7, 7), (0.5, 0.5)],
)
def test_a_duration_is_read_as_written(written: str | float, seconds: float) -> None:
    assert parse_duration(written) == seconds


@pytest.mark.parametrize(
    "written", ["", "30", "s", "-1s", "0s", 0, -1, True, "30 sec", "1e9h", float("nan"), "∞s", 10**400]
)
def test_what_is_no_duration_is_refused_with_an_example(written: str | float) -> None:
    with pytest.raises(ValueError, match=r"for example 30s|longer than nothing"):
        parse_duration(written)


@given(st.integers(1, 10_000), st.sampled_from(["ms", "s", "m"]))
def test_every_whole_number_with_a_unit_is_a_duration(number: int, unit: str) -> None:
    assert parse_duration(f"{number}{unit}") == pytest.approx(number * {"ms": 0.001, "s": 1, "m": 60}[unit])


def test_a_word_that_is_not_in_the_vocabulary_is_refused() -> None:
    with pytest.raises(ValidationError, match="listens"):
        Target(**TARGET, listens="x")  # type: ignore[call-arg]


def test_data_is_frozen() -> None:
    with pytest.raises(ValidationError):
        Target(**TARGET).proxy = "other"  # type: ignore[misc]


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValidationError, match="a time without a zone"):
        Deadline(boot_id="b", boot_seconds=1, wall=datetime(2026, 11, 22))
