import pytest

from chaoslib_ext.blackbox.request import HttpRequest, without_password
from chaoslib_ext.errors import BadInput


@pytest.mark.parametrize("url", ["http://localhost", "https://a.example:8443/x?y=1", "http://[::1]:80/"])
def test_a_url_that_can_be_asked_passes(url: str) -> None:
    assert HttpRequest(url).url == url


@pytest.mark.parametrize("url", ["localhost:80", "http:///path", "http://a:0/", "http://a:65536/", None])
def test_one_that_cannot_does_not(url: str) -> None:
    with pytest.raises(BadInput, match="url"):
        HttpRequest(url)


def test_a_request_in_words_has_neither_password_nor_query() -> None:
    assert str(HttpRequest("http://me:secret@shop/orders?token=secret", "POST")) == "POST http://shop/orders?..."
    assert str(HttpRequest("http://shop/")) == "GET http://shop/"
    assert without_password("via http://a:b@c:1 to x") == "via http://c:1 to x"
