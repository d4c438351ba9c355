import pytest

from chaoslib_ext.blackbox.request import HttpRequest, seconds, whole
from chaoslib_ext.errors import BadInput


@pytest.mark.parametrize("url", ["http://localhost", "https://a.example:8443/x?y=1", "http://[::1]:80/"])
def test_a_url_that_can_be_asked_passes(url: str) -> None:
    assert HttpRequest(url).url == url


@pytest.mark.parametrize("url", ["localhost:80", "http:///path", "http://a:0/", "http://a:65536/", None])
def test_one_that_cannot_does_not(url: str) -> None:
    with pytest.raises(BadInput, match="url"):
        HttpRequest(url)


def test_limits_are_named_in_the_refusal() -> None:
    assert whole("requests", 3, 1, 5) == 3
    with pytest.raises(BadInput, match=r"requests must be a whole number from 1 to 5, not 6"):
        whole("requests", 6, 1, 5)
    assert seconds("timeout", "250ms") == 0.25
    with pytest.raises(BadInput, match=r"timeout: '5 parsecs' is not a duration"):
        seconds("timeout", "5 parsecs")
