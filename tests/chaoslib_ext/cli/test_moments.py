"""Times as people type them, also over a change of the clocks."""

import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import click
import pytest

from chaoslib_ext.cli._moments import coming, passed


@pytest.fixture(autouse=True)
def in_berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    os.environ.pop("TZ", None)
    time.tzset()


NOON = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)  # 12:00 in Berlin


@pytest.mark.parametrize(
    ("text", "was", "will"),
    [
        ("03:12", "2026-11-24T03:12:00+01:00", "2026-11-25T03:12:00+01:00"),
        ("18:30", "2026-11-23T18:30:00+01:00", "2026-11-24T18:30:00+01:00"),
        ("18:30:05", "2026-11-23T18:30:05+01:00", "2026-11-24T18:30:05+01:00"),
    ],
)
def test_a_time_of_day_is_the_last_or_the_next_one(text: str, was: str, will: str) -> None:
    assert passed(text, NOON, "--at").isoformat() == was
    assert coming(text, NOON, "--until", latest=True).isoformat() == will


def test_over_a_change_of_the_clocks_it_is_still_that_time_of_day() -> None:
    sunday = datetime(2026, 10, 25, 3, 0, tzinfo=UTC)  # 04:00 in Berlin, an hour after the clocks went back
    assert passed("23:30", sunday, "--at").isoformat() == "2026-10-24T23:30:00+02:00"


@pytest.mark.parametrize("text", ["9999-01-01", "9999-12-31T23:59"])
def test_a_moment_that_another_zone_has_no_day_for_is_refused(text: str) -> None:
    with pytest.raises(click.BadParameter, match=r"too far ahead|is no time"):
        coming(text, NOON, "--until", latest=True)
    assert coming("9998-12-31", NOON, "--until", latest=True).year == 9998


def test_with_a_day_and_a_zone() -> None:
    assert passed("2026-11-24T03:12+05:30", NOON, "--at") == datetime(2026, 11, 23, 21, 42, tzinfo=UTC)
    assert passed("now", NOON, "--at") == NOON


@pytest.mark.parametrize("text", ["", "soon", "25:00", "2026-13-01T00:00", "2999-01-01T00:00"])
def test_what_is_no_time_or_yet_to_come(text: str) -> None:
    with pytest.raises(click.BadParameter):
        passed(text, NOON, "--at")


def test_what_has_passed_cannot_come() -> None:
    with pytest.raises(click.BadParameter, match="has passed"):
        coming("2020-01-01T00:00", NOON, "--until", latest=True)


@pytest.mark.parametrize(
    ("text", "earlier", "later"),
    [
        ("2027-03-28T02:30", "2027-03-28T01:30:00+01:00", "2027-03-28T03:30:00+02:00"),
        ("2027-10-31T02:30", "2027-10-31T02:30:00+02:00", "2027-10-31T02:30:00+01:00"),
        ("2027-10-31 02:30:15", "2027-10-31T02:30:15+02:00", "2027-10-31T02:30:15+01:00"),
        ("2027-03-28T03:00", "2027-03-28T03:00:00+02:00", "2027-03-28T03:00:00+02:00"),
        ("2027-10-31T02:30+02:00", "2027-10-31T02:30:00+02:00", "2027-10-31T02:30:00+02:00"),
    ],
)
def test_a_freeze_takes_the_later_reading_of_a_time_and_an_approval_the_earlier(
    text: str, earlier: str, later: str
) -> None:
    assert coming(text, NOON, "--until", latest=False).isoformat() == earlier
    assert coming(text, NOON, "--until", latest=True).isoformat() == later


def test_in_the_night_of_the_change_too_a_time_of_day_has_two_readings() -> None:
    first = datetime(2027, 10, 31, 0, 15, tzinfo=UTC)  # 02:15, and 02:30 comes twice
    assert coming("02:30", first, "--until", latest=False).isoformat() == "2027-10-31T02:30:00+02:00"
    assert coming("02:30", first, "--until", latest=True).isoformat() == "2027-10-31T02:30:00+01:00"
    between = datetime(2027, 10, 31, 0, 45, tzinfo=UTC)  # 02:45 for the first time: one reading has passed
    for latest in (False, True):
        assert coming("02:30", between, "--until", latest=latest).isoformat() == "2027-10-31T02:30:00+01:00"
    assert passed("02:30", between, "--at").isoformat() == "2027-10-31T02:30:00+02:00"
    after = datetime(2027, 10, 31, 4, 0, tzinfo=UTC)
    assert passed("02:30", after, "--at").isoformat() == "2027-10-31T02:30:00+01:00"
