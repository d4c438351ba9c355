"""JSON as Go fills structs from it and writes it; the contract tests hold the same against the real server."""

import math
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaoslib_ext.proxy.gojson import dumps, fields, float32
from chaoslib_ext.proxy.goparse import BadJson, parse

SPEC = {"name": "string", "rate": "int64", "toxicity": "float32"}


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_a_float32_survives_in_few_digits(value):
    text = dumps(value)
    assert struct.pack("<f", float(text)) == struct.pack("<f", value)
    assert len(text.replace("0", "").strip("-.e+")) <= 14


def test_null_and_unknown_fields_leave_the_default():
    assert fields(parse(b'{"name":null,"other":{"x":[]},"RATE":5}'), SPEC, "x", "X") == {"rate": 5}


def test_toxicity_is_rounded_to_float32():
    assert fields(parse(b'{"toxicity":0.1}'), SPEC, "x", "X")["toxicity"] == float32(0.1) != 0.1


@pytest.mark.parametrize("number", ["1.0", "1e3", "9223372036854775808", "-9223372036854775809", "9" * 5000])
def test_an_integer_is_written_as_one_and_fits(number):
    with pytest.raises(BadJson, match=f"number {number} into Go struct field X.rate of type int64"):
        fields(parse(f'{{"rate":{number}}}'.encode()), SPEC, "x", "X")


def test_infinity_is_no_toxicity():
    with pytest.raises(BadJson, match="1e39"):
        fields(parse(b'{"toxicity":1e39}'), SPEC, "x", "X")
    assert math.isfinite(fields(parse(b'{"toxicity":3.4028235e38}'), SPEC, "x", "X")["toxicity"])
