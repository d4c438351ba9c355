"""Whatever an activity returns can be written down as JSON that every reader takes."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaoslib_ext.record.encode import LONGEST, canonical, dumps, plain


def strict(text: str) -> Any:
    def no(word: str) -> None:
        raise AssertionError(f"{word} is no JSON")

    return json.loads(text.encode("utf-8"), parse_constant=no)


class Hostile:
    def __repr__(self) -> str:
        raise RuntimeError("do not look at me")


class HostileMapping(dict):
    def items(self) -> Any:
        raise OSError("no")


@dataclass
class Thing:
    size: int


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (float("nan"), "NaN"),
        (float("-inf"), "-Infinity"),
        ({3, 1, 2}, [1, 2, 3]),
        ((1, "a"), [1, "a"]),
        (b"\x00\xff", "<2 bytes: 00ff>"),
        (Decimal("1.50"), "1.50"),
        (Path("/a/b"), "/a/b"),
        (datetime(2026, 1, 2, tzinfo=UTC), "2026-01-02T00:00:00+00:00"),
        ({1: "a", "1": "b", None: "c", False: "d"}, {"1": "a", "1 (2)": "b", "null": "c", "false": "d"}),
        ("lone \ud800 surrogate", "lone ? surrogate"),
        pytest.param(10**5000, "<int of 16610 bits>", id="an enormous number"),
    ],
)
def test_what_json_has_no_word_for_is_described(value: Any, written: Any) -> None:
    found = plain(value)
    assert found == written
    strict(dumps(found))


def test_objects_are_named() -> None:
    assert "Thing(size=3)" in plain(Thing(3))
    assert plain(object()).startswith("<object: ")
    assert "OSError" in plain(HostileMapping(a=1))
    assert "could not be written down: RuntimeError" in plain(Hostile())


def test_circles_and_bottomless_nesting_end() -> None:
    circle: list[Any] = []
    circle.append({"again": circle})
    assert plain(circle) == [{"again": "<circular: list>"}]
    deep: Any = "bottom"
    for _ in range(100_000):
        deep = [deep]
    assert "<too deep: list>" in dumps(plain(deep))


def test_the_same_list_twice_is_no_circle() -> None:
    shared = [1]
    assert plain([shared, shared]) == [[1], [1]]


def test_enormous_values_are_cut_and_it_is_said() -> None:
    text = plain("x" * (LONGEST + 7))
    assert text.endswith("<left out: 7 more characters>")
    many = plain(list(range(300_000)))
    assert many[-1].startswith("<left out: ") and len(many) < 150_000


def test_the_hashed_form_does_not_depend_on_the_order_of_keys() -> None:
    assert (
        canonical({"b": 1, "a": [1.5, "é"]}) == canonical({"a": [1.5, "é"], "b": 1}) == '{"a":[1.5,"é"],"b":1}'.encode()
    )


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None)) | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.integers() | st.none(), inner) | st.tuples(inner),
)


@given(anything)
def test_plain_data_survives_the_way_through_json(value: Any) -> None:
    found = plain(value)
    assert strict(dumps(found)) == found
    assert plain(found) == found
