import pytest

PATHS = {
    "payment": "/charges",
    "shipping": "/quotes",
    "checkout": "/orders",
    "orders": "/orders",
    "cart": "/carts/eve",
    "storefront": "/checkout",
}


@pytest.mark.parametrize("service", PATHS)
@pytest.mark.parametrize(("body", "says"), [(b"{", "not JSON"), (b"[]", "JSON object"), (b"\xff", "not JSON")])
def test_a_body_that_makes_no_sense_is_a_400_that_says_why(shop, service: str, body: bytes, says: str) -> None:
    status, told = shop.ask(service, "POST", PATHS[service], body)
    assert (status, says in told["error"]) == (400, True)


def test_every_service_says_which_improvements_it_sees(shop) -> None:
    for service in (*PATHS, "catalog", "recommendations"):
        status, told = shop.ask(service, "GET", "/health")
        assert (status, told["service"], told["features"]) == (200, service, [])
