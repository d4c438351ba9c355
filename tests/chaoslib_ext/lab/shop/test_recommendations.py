def test_it_recommends_what_there_is(shop) -> None:
    status, told = shop.ask("recommendations", "GET", "/recommendations")
    assert (status, len(told["skus"])) == (200, 3)
    assert "first-flush" not in told["skus"]
