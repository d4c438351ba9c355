"""Moments as people type them."""

from datetime import UTC, datetime, timedelta

import click
import pytest

from chaoslib_ext.cli._moments import moment

NOW = datetime(2026, 11, 25, 12, 30, tzinfo=UTC)


def test_a_time_alone_is_the_next_one() -> None:
    here = NOW.astimezone()
    soon, earlier = here + timedelta(minutes=1), here - timedelta(minutes=1)
    assert moment(f"{soon:%H:%M}", NOW, "--until") == soon.replace(second=0)
    assert moment(f"{earlier:%H:%M}", NOW, "--until") == earlier.replace(second=0) + timedelta(days=1)


def test_a_zone_counts_where_one_is_given() -> None:
    assert moment("2026-11-26T18:30+01:00", NOW, "--until") == datetime(2026, 11, 26, 17, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "says"), [("soon", "is no time"), ("2026-11-24T18:30", "has passed"), ("25:00", "no time")]
)
def test_what_is_none_or_has_passed_is_refused(text: str, says: str) -> None:
    with pytest.raises(click.BadParameter, match=says):
        moment(text, NOW, "--until")
