import math

import pytest

from chaoslib_ext.blackbox.arguments import address, known_keys, milliseconds, seconds, secret, secret_url, text, whole
from chaoslib_ext.errors import BadInput


def test_limits_are_named_in_the_refusal() -> None:
    assert whole("requests", 3, 1, 5) == 3
    with pytest.raises(BadInput, match=r"requests must be a whole number from 1 to 5, not 6"):
        whole("requests", 6, 1, 5)
    assert seconds("timeout", "250ms") == 0.25
    with pytest.raises(BadInput, match=r"timeout: '5 parsecs' is not a duration"):
        seconds("timeout", "5 parsecs")


@pytest.mark.parametrize("value", [0, -1, "5", True, math.inf, math.nan])
def test_milliseconds_are_a_number_above_0(value: float) -> None:
    with pytest.raises(BadInput, match="limit_ms must be a number of milliseconds"):
        milliseconds("limit_ms", value)


@pytest.mark.parametrize(
    ("written", "host", "port"),
    [("127.0.0.1:5432", "127.0.0.1", 5432), ("[::1]:80", "::1", 80), (" shop.example:1 ", "shop.example", 1)],
)
def test_an_address_is_a_host_and_a_port(written: str, host: str, port: int) -> None:
    assert address("address", written) == (host, port)


def test_text_says_something_and_was_filled_in() -> None:
    assert text("key", "cart:1", "x") == "cart:1"
    for wrong in ("", " ", None, 7, "a\0b"):
        with pytest.raises(BadInput, match="key must be text such as cart:1"):
            text("key", wrong, "cart:1")
    with pytest.raises(BadInput, match=r"key still holds a name in \$\{\}"):
        text("key", "cart:${id}", "cart:1")


def test_a_secret_is_never_shown() -> None:
    assert secret("password", None) is None and secret("password", "s3cret${") == "s3cret${"
    with pytest.raises(BadInput) as caught:
        secret_url("url", "valkey://:s3cret@${host}", "valkey://127.0.0.1")
    assert "s3cret" not in str(caught.value) and "${}" in str(caught.value)
    with pytest.raises(BadInput) as caught:
        secret("password", ["s3cret"])
    assert "s3cret" not in str(caught.value)


def test_an_unknown_key_is_told_with_the_near_ones() -> None:
    assert known_keys("tls", {"ca_file": "x"}, ("ca_file",)) == {"ca_file": "x"}
    with pytest.raises(BadInput, match=r"tls has no 'ca_fiel'; did you mean ca_file\?"):
        known_keys("tls", {"ca_fiel": "x"}, ("ca_file",))
