import pytest

from chaoslib_ext.blackbox.http import Answer
from chaoslib_ext.blackbox.numbers import bad_share, percentile_ms

TEN = [Answer(seconds=n / 1000, status=200) for n in range(10, 0, -1)]


@pytest.mark.parametrize(("percentile", "ms"), [(1, 1), (10, 1), (11, 2), (50, 5), (95, 10), (100, 10)])
def test_a_percentile_is_the_nearest_rank(percentile: float, ms: float) -> None:
    assert percentile_ms(TEN, percentile, 5) == ms


def test_a_quick_failure_is_no_quick_answer() -> None:
    assert percentile_ms([Answer(0.001, problem="refused")], 50, 5) == 5000
    assert percentile_ms([Answer(6.0, problem="late")], 50, 5) == 6000


def test_the_limit_itself_is_in_time() -> None:
    assert bad_share([Answer(0.8, status=200), Answer(0.8001, status=200)], {200}, 800) == 0.5


def test_no_status_is_never_good() -> None:
    assert bad_share([Answer(0.1, problem="refused"), Answer(0.1, status=200)], range(100, 600), None) == 0.5
