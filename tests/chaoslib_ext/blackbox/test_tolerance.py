from typing import Any

import pytest

from chaoslib_ext.blackbox.tolerance import tolerance
from chaoslib_ext.errors import BadInput


@pytest.mark.parametrize(
    ("written", "good", "bad"),
    [
        (200, 200, 503),
        (True, True, False),
        ("up", "up", "down"),
        ([200, 299], 204, 302),
        ([1, 2, 3], 3, 4),
        ({"type": "range", "range": [0, 0.5]}, 0.25, 0.75),
        ({"type": "regex", "pattern": "^u"}, "up", "down"),
        ({"type": "jsonpath", "path": "$.a", "expect": 1}, {"a": 1}, {"a": 2}),
    ],
)
def test_it_means_what_the_host_means(written: Any, good: Any, bad: Any) -> None:
    accepts = tolerance(written)
    assert accepts(good) and not accepts(bad)


@pytest.mark.parametrize("value", [None, "many", [], {}, object()])
def test_what_cannot_be_compared_is_not_accepted(value: Any) -> None:
    assert not tolerance([0, 5])(value)
    assert not tolerance({"type": "range", "range": [0, 5]})(value)


@pytest.mark.parametrize(
    "written", [0.5, None, {"type": "probe"}, {"type": "range"}, {"type": "regex", "pattern": "("}]
)
def test_what_is_no_tolerance_is_refused(written: Any) -> None:
    with pytest.raises(BadInput, match="tolerance"):
        tolerance(written)
