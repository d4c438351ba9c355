"""Values and tolerances as a person reads them."""

from typing import Any

import pytest

from chaoslib_ext.record.phrases import expected, value_in_words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0.123456, "0.123"),
        (123456.7, "123,457"),
        (3.0, "3"),
        (True, "true"),
        (None, "null"),
        ("two\nlines", "two lines"),
        ({"says": "31 % bad"}, "31 % bad"),
        ({"status": 1, "stdout": "", "stderr": "no such file\n"}, "exit code 1: no such file"),
        ({"status": 200, "headers": {}, "body": "x" * 1000}, "HTTP 200"),
        ([1, {"a": 2}], '[1, {"a": 2}]'),
    ],
)
def test_a_value_fits_in_a_line(value: Any, words: str) -> None:
    assert value_in_words(value) == words


def test_a_long_value_is_cut() -> None:
    assert value_in_words("x" * 500) == "x" * 119 + "…"


@pytest.mark.parametrize(
    ("tolerance", "words"),
    [
        (200, "200"),
        ([0, 0.05], "0 to 0.05"),
        ([1, 2, 3], "[1, 2, 3]"),
        (["reached"], "reached"),
        ({"type": "range", "range": [0, 1000]}, "0 to 1,000"),
        ({"type": "regex", "pattern": "^ok$"}, "matches ^ok$"),
        ({"type": "jsonpath", "path": "$.a", "expect": "b"}, "$.a is b"),
        ({"type": "probe", "name": "is fine"}, "what the probe is fine accepts"),
    ],
)
def test_a_tolerance_reads_as_what_was_expected(tolerance: Any, words: str) -> None:
    assert expected(tolerance) == words
