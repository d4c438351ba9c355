from datetime import UTC, datetime

from chaoslib_ext.blackbox.tls import Certificate


def test_days_left_are_below_0_once_it_has_expired() -> None:
    begin, end = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 11, 22, 12, tzinfo=UTC)
    seen = Certificate((), "", begin, end, "TLSv1.3", None)
    assert seen.days_left(datetime(2026, 11, 22, tzinfo=UTC)) == 0.5
    assert seen.days_left(datetime(2026, 11, 24, tzinfo=UTC)) == -1.5
