import pytest


@pytest.mark.parametrize("service", ["payment", "checkout", "storefront"])
@pytest.mark.parametrize(("body", "says"), [(b"{", "not JSON"), (b"[]", "JSON object"), (b"\xff", "not JSON")])
def test_a_body_that_makes_no_sense_is_a_400_that_says_why(shop, service: str, body: bytes, says: str) -> None:
    path = {"payment": "/charges", "checkout": "/orders", "storefront": "/checkout"}[service]
    status, told = shop.ask(service, "POST", path, body)
    assert (status, says in told["error"]) == (400, True)
