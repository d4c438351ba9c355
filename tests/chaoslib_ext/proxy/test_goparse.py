"""Reading JSON text: the contract tests hold the words against Go's; here, that nothing gets past it."""

import json

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from chaoslib_ext.proxy.gojson import dumps
from chaoslib_ext.proxy.goparse import BadJson, Number, Pairs, parse

VALUES = st.recursive(
    st.none() | st.booleans() | st.text() | st.integers(-(2**63), 2**63 - 1),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def plain(value):
    """A parsed value as Python's own decoder would give it."""
    if isinstance(value, Pairs):
        return {key: plain(item) for key, item in value}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return int(value) if isinstance(value, Number) else value


@given(VALUES, st.sampled_from(["", "junk", "}", " 1"]))
def test_what_is_written_is_read_and_the_rest_is_not_looked_at(value, tail):
    assume(not (isinstance(value, int) and tail))  # 1junk is another number to a reader
    text = dumps(value)
    assert json.loads(text) == value
    assert plain(parse((text + tail).encode())) == value


@given(st.binary(max_size=40))
def test_no_body_does_more_than_be_refused(body):
    try:
        parse(body)
    except BadJson as error:
        assert str(error)


def test_a_body_nested_without_end_is_refused():
    with pytest.raises(BadJson, match="max depth"):
        parse(b"[" * 100_000)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"[1e\xff", "invalid character 'ÿ' in exponent of numeric literal"),
        (b"\x80", r"invalid character '\u0080' looking for beginning of value"),
        (b"'", r"invalid character '\'' looking for beginning of value"),
        (b"\x07", r"invalid character '\a' looking for beginning of value"),
        (b'{"a":1,', "unexpected EOF"),
    ],
)
def test_an_error_names_the_byte_as_go_does(body, words):
    with pytest.raises(BadJson) as caught:
        parse(body)
    assert str(caught.value) == words


def test_every_byte_that_is_no_text_becomes_one_mark():
    assert parse(b'"\xe2\x82 \xed\xa0\x80 \\ud800 \xc3\xa9"') == "\ufffd\ufffd \ufffd\ufffd\ufffd \ufffd é"
