from datetime import UTC, datetime, timedelta, timezone

import pytest

from chaoslib_ext.blackbox.moments import since_moment, written_at
from chaoslib_ext.clock import FakeClock
from chaoslib_ext.errors import BadInput

AT = datetime(2026, 11, 22, 3, 0, 0, 500_000, tzinfo=UTC)


@pytest.mark.parametrize(
    "line",
    [
        "2026-11-22T03:00:00.5Z INFO up",
        "2026-11-22 03:00:00,500 UTC [7] LOG: up",
        "[2026-11-22T04:00:00.500+01:00] up",
        '{"level": "info", "time": "2026-11-22T03:00:00.500000Z"}',
        "7:M 2026-11-22 04:00:00.5 +0100 # up",
    ],
)
def test_when_a_line_was_written(line: str) -> None:
    assert written_at(line) == AT


def test_the_form_of_web_servers_and_a_time_without_a_zone() -> None:
    web = '127.0.0.1 - - [22/Nov/2026:04:00:00 +0100] "GET / HTTP/1.1" 200 12'
    assert written_at(web) == AT.replace(microsecond=0)
    local = datetime(2026, 11, 22, 3).astimezone()
    assert written_at("2026-11-22 03:00:00 up") == local


@pytest.mark.parametrize(
    "line", ["", "up", "2026-11-31T03:00:00Z", "[31/Nov/2026:03:00:00 +0000]", "x" * 400 + " 2026-11-22T03:00:00Z"]
)
def test_a_line_that_does_not_say(line: str) -> None:
    assert written_at(line) is None


def test_a_moment_as_an_author_writes_it() -> None:
    clock = FakeClock(AT)
    assert since_moment("since", "5m", clock) == AT - timedelta(minutes=5)
    assert since_moment("since", "2026-11-22T04:00:00.5+01:00", clock) == AT.astimezone(timezone(timedelta(hours=1)))
    for wrong in ("yesterday", "2026-11-22T04:00:00", None, True, "2026-11-22T04:00:00Z later"):
        with pytest.raises(BadInput, match="since must be so long ago"):
            since_moment("since", wrong, clock)
