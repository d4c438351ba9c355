"""What steers a terminal or forges a line does not get through; what people write does."""

import json
from dataclasses import dataclass
from unicodedata import category

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaoslib_ext.clean_text import Lines, clean, cleaned, json_text, lines, one_line, traceback_text
from chaoslib_ext.errors import BadFile, UndoFailed

JOINERS = "\u200c\u200d"
STEERS = [*map(chr, range(32)), *map(chr, range(127, 160)), *"\u061c\u200b\u200e\u200f\u2028\u2029\u2060\ufeff\u00ad"]
STEERS += [*"\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069", "\udc80", "\ud800", "\U000e0041"]


def is_clean(text: str) -> bool:
    return not any(category(sign) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp") for sign in text if sign not in JOINERS)


@pytest.mark.parametrize("sign", STEERS, ids=ascii)
def test_what_steers_a_terminal_does_not_get_through(sign: str) -> None:
    for said in (clean(f"a{sign}b"), one_line(f"a{sign}b"), json_text({sign: sign})):
        assert sign not in said and is_clean(said)


@given(st.text(st.characters(codec=None)))
def test_nothing_gets_through_and_a_second_time_changes_nothing(text: str) -> None:
    assert is_clean(clean(text)) and clean(clean(text)) == clean(text)
    assert is_clean(json_text(text)) and json.loads(json_text(text)) == text


@pytest.mark.parametrize(
    "text", ["orders-db", "Größe 漢字 ✓", "👩\u200d🚒", "می\u200cخواهم", "שלום", "e\u0301", "a  b", ""]
)
def test_what_people_write_stays(text: str) -> None:
    assert clean(text) == text


def test_a_field_is_one_line_without_gaps() -> None:
    assert one_line("  a \r\n\t b\x1b[2J ") == "a b [2J"


def test_every_text_in_data_is_clean() -> None:
    @dataclass(frozen=True)
    class One:
        name: str
        more: tuple[object, ...]

    found = cleaned(One("a\nb", ({"k\n": ["\u202e", 1, None]},)))
    assert found == One("a b", ({"k": [r"\u202e", 1, None]},))


def test_only_our_own_line_breaks_are_kept() -> None:
    said = lines("type:", "  rm a\n  rm b", lines("x", "y"))
    assert said.split("\n") == ["type:", "  rm a   rm b", "x", "y"] and clean(said) == said


def test_an_error_keeps_its_own_lines_and_none_of_what_it_quotes() -> None:
    error = UndoFailed("toxic a\n  rm -rf / failed; type:", more=["  curl b\n  curl c"])
    assert str(error).split("\n") == ["toxic a   rm -rf / failed; type:", "  curl b   curl c"]
    assert isinstance(str(error), Lines)
    assert str(BadFile(f"so nothing is allowed: {error}")).count("\n") == 0


def test_a_traceback_keeps_its_own_lines_alone() -> None:
    try:
        raise ValueError("x\nHELD  forged\x1b[2J")
    except ValueError as error:
        said = traceback_text(error).split("\n")
    assert said[-1] == "ValueError: x HELD  forged [2J" and len(said) >= 3
