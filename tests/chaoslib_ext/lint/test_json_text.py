"""JSON as the host reads it."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaoslib_ext.lint.json_text import read_json

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=10,
)


@given(VALUES, st.sampled_from([None, 1, "\t"]), st.booleans())
def test_it_reads_what_the_host_reads(value: object, indent: object, ascii: bool) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii)  # type: ignore[arg-type]
    tree, hits = read_json(f" \n{text}\n")
    assert tree is not None and tree.data == json.loads(text) and hits == []


def test_every_part_has_its_line_and_column() -> None:
    tree, _ = read_json('{"title": "x",\n "method": [\n  {"name": "a"},\n  7]}')
    assert tree is not None
    assert tree.place(("method",)) == (2, 2)
    assert tree.place(("method", 0, "name")) == (3, 4)
    assert tree.place(("method", 1)) == (4, 3)


def test_a_key_that_stands_twice_is_found_with_both_lines() -> None:
    tree, (hit,) = read_json('{"a": 1,\n "a": 2}')
    assert tree is not None and tree.data == {"a": 2}
    assert hit.rule.id == "duplicate-key" and hit.place == (2, 2) and "line 1" in hit.says


@pytest.mark.parametrize(("word", "value"), [("NaN", math.nan), ("Infinity", math.inf), ("-Infinity", -math.inf)])
def test_a_number_that_is_none_is_found(word: str, value: float) -> None:
    tree, (hit,) = read_json(f'{{"a": [{word}]}}')
    assert tree is not None and str(tree.data["a"][0]) == str(value)
    assert hit.rule.id == "not-a-number" and hit.place == (1, 8)


@pytest.mark.parametrize("text", ['{"a": 1, // why\n}', '{ /* why */ "a": 1}', '// why\n{"a": 1}', '# why\n{"a": 1}'])
def test_a_comment_is_called_one(text: str) -> None:
    tree, (hit,) = read_json(text)
    assert tree is None and hit.rule.id == "json-comment"


@pytest.mark.parametrize(("text", "cure"), [('{"a": [1,]}', "comma"), ("{'a': 1}", "double quotes"), ('{"a" 1}', "")])
def test_what_is_no_json_is_told_with_its_place(text: str, cure: str) -> None:
    tree, (hit,) = read_json(text)
    assert tree is None and hit.rule.id == "not-json" and cure in hit.cure


@pytest.mark.parametrize(
    ("text", "rule"), [("[" * 100_000, "too-deep"), ("1" * 5000, "not-json"), ('{"a": "\x01"}', "not-json")]
)
def test_what_ends_the_host_in_a_traceback_is_one_finding(text: str, rule: str) -> None:
    tree, (hit,) = read_json(text)
    assert tree is None and hit.rule.id == rule


def test_what_a_lost_key_held_leaves_no_trace() -> None:
    """Its memory is given to the next mapping, which then must not seem to hold what it held."""
    for _ in range(50):
        tree, _ = read_json('{"a": {"x": 1}, "a": 1, "b": {"y": 2}, "c": {"z": 3}}')
        assert tree is not None
        assert not tree.holds(("b", "x")) and not tree.holds(("c", "x"))
        assert tree.place(("b", "x")) == tree.place(("b",))
