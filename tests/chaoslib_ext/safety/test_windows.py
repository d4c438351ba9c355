"""Windows and blackouts as real moments: in zones, over midnight, and where the clock is changed."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaoslib_ext.safety.windows import DAYS, Span, Window, closes, opens

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "America/St_Johns", "UTC")
EVERY_DAY = frozenset(range(7))


def window(begin: str, end: str | None, days: str = " ".join(DAYS), zone: ZoneInfo = BERLIN) -> Window:
    numbers = frozenset(DAYS.index(day) for day in days.split())
    return Window(numbers, time.fromisoformat(begin), time.fromisoformat(end) if end else None, zone)


def at(text: str, zone: ZoneInfo = BERLIN, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold).astimezone(UTC)


OFFICE = window("09:00", "17:00", "mon tue wed thu fri")


@pytest.mark.parametrize(
    ("now", "closing"),
    [
        ("2026-11-25 09:00", "2026-11-25 17:00"),
        ("2026-11-25 16:59:59", "2026-11-25 17:00"),
        ("2026-11-25 17:00", None),
        ("2026-11-25 08:59:59", None),
        ("2026-11-28 12:00", None),  # a Saturday
    ],
)
def test_a_window_is_open_from_its_begin_until_just_before_its_end(now: str, closing: str | None) -> None:
    assert closes([OFFICE], [], at(now)) == (at(closing) if closing else None)


def test_one_over_midnight_belongs_to_the_day_on_which_it_begins() -> None:
    night = window("22:00", "06:00", "fri")
    assert closes([night], [], at("2026-11-28 05:00")) == at("2026-11-28 06:00")  # Saturday morning
    assert closes([night], [], at("2026-11-27 05:00")) is None  # Friday morning
    assert closes([night], [], at("2026-11-27 23:00")) == at("2026-11-28 06:00")


def test_windows_that_touch_are_one() -> None:
    both = [window("09:00", "12:00"), window("12:00", None)]
    assert closes(both, [], at("2026-11-25 10:00")) == at("2026-11-26 00:00")


def test_what_is_always_open_closes_later_than_anybody_asked() -> None:
    now = at("2026-11-25 10:00")
    end = closes([window("00:00", None)], [], now, timedelta(days=40))
    assert end is not None and end >= now + timedelta(days=40)


def test_it_opens_on_the_next_working_day() -> None:
    assert opens([OFFICE], [], at("2026-11-27 18:00")) == at("2026-11-30 09:00")
    assert opens([OFFICE], [], at("2026-11-25 10:00")) == at("2026-11-25 10:00")
    assert opens([], [], at("2026-11-25 10:00")) is None


def test_a_blackout_closes_it_and_it_opens_after() -> None:
    sale = Span(at("2026-11-25 12:00"), at("2026-12-01 00:00"))
    assert closes([OFFICE], [sale], at("2026-11-25 10:00")) == at("2026-11-25 12:00")
    assert closes([OFFICE], [sale], at("2026-11-26 10:00")) is None
    assert opens([OFFICE], [sale], at("2026-11-26 10:00")) == at("2026-12-01 09:00")


def test_a_zone_is_not_the_machines() -> None:
    tokyo = window("09:00", "17:00", zone=ZoneInfo("Asia/Tokyo"))
    assert closes([tokyo], [], datetime(2026, 11, 25, 0, 30, tzinfo=UTC)) is not None  # 09:30 in Tokyo
    assert closes([tokyo], [], datetime(2026, 11, 25, 9, 30, tzinfo=UTC)) is None


def test_in_spring_a_window_in_the_hour_that_is_left_out_does_not_open() -> None:
    gap = window("02:00", "03:00")
    assert list(gap.spans(date(2026, 3, 29), date(2026, 3, 29))) == []
    assert len(list(gap.spans(date(2026, 3, 28), date(2026, 3, 30)))) == 2


def test_in_spring_a_window_that_begins_in_the_gap_begins_after_it() -> None:
    (span,) = window("02:30", "05:00").spans(date(2026, 3, 29), date(2026, 3, 29))
    assert span.begin == at("2026-03-29 03:30") and span.end == at("2026-03-29 05:00")


def test_in_autumn_a_window_in_the_hour_that_comes_twice_opens_once() -> None:
    (span,) = window("02:00", "03:00").spans(date(2026, 10, 25), date(2026, 10, 25))
    assert (span.begin, span.end) == (at("2026-10-25 02:00", fold=1), at("2026-10-25 03:00"))
    (early,) = window("01:00", "02:30").spans(date(2026, 10, 25), date(2026, 10, 25))
    assert early.end == at("2026-10-25 02:30", fold=0), "it ends at the first of both"


moments = st.datetimes(datetime(2025, 1, 1), datetime(2028, 1, 1)).map(lambda naive: naive.replace(tzinfo=UTC))
clocks = st.times().map(lambda one: one.replace(second=0, microsecond=0))


@given(
    now=moments,
    begin=clocks,
    end=clocks,
    days=st.frozensets(st.integers(0, 6), min_size=1),
    zone=st.sampled_from(ZONES),
)
def test_open_means_that_the_wall_clock_there_agrees(
    now: datetime, begin: time, end: time, days: frozenset[int], zone: str
) -> None:
    where = ZoneInfo(zone)
    closing = closes([Window(days, begin, end, where)], [], now)
    local = now.astimezone(where)
    of_day, is_over_midnight = local.time().replace(tzinfo=None, fold=0), end <= begin
    day_before = (local.date() - timedelta(days=1)).weekday()
    today = local.weekday() in days and of_day >= begin and (is_over_midnight or of_day < end)
    from_yesterday = is_over_midnight and day_before in days and of_day < end
    if closing is not None:
        assert closing > now
        assert today or from_yesterday
    elif _far_from_a_change(now, where):
        assert not (today or from_yesterday)


@given(now=moments, begin=clocks, end=clocks, zone=st.sampled_from(ZONES))
def test_where_it_says_it_opens_it_is_open_and_not_before(now: datetime, begin: time, end: time, zone: str) -> None:
    one = [Window(frozenset({0, 3}), begin, end, ZoneInfo(zone))]
    opening = opens(one, [], now)
    if opening is None:
        return  # every span is swallowed by changes of the clock: none is, over a year
    assert closes(one, [], opening) is not None
    if opening > now:
        assert closes(one, [], opening - timedelta(seconds=1)) is None


@given(now=moments, zone=st.sampled_from(ZONES))
def test_a_day_is_never_open_for_longer_than_its_two_readings(now: datetime, zone: str) -> None:
    where = ZoneInfo(zone)
    day = now.astimezone(where).date()
    for span in Window(EVERY_DAY, time(9), time(17), where).spans(day, day):
        assert span.end - span.begin <= timedelta(hours=8)


def _far_from_a_change(now: datetime, where: ZoneInfo) -> bool:
    around = [now + timedelta(hours=hours) for hours in range(-30, 31, 2)]
    return len({moment.astimezone(where).utcoffset() for moment in around}) == 1
