"""Names, globs and lists of both."""

import pytest

from chaoslib_ext.errors import UnknownTarget
from chaoslib_ext.proxy.selection import matching
from chaoslib_ext.proxy.state import ProxyState

NAMES = ["cart-db", "cart-valkey", "checkout-db", "odd[1]"]
PROXIES = {name: ProxyState(name=name, listen="a:1", upstream="b:1", enabled=True) for name in NAMES}


@pytest.mark.parametrize(
    ("wanted", "meant"),
    [
        ("cart-db", ["cart-db"]),
        ("cart-*", ["cart-db", "cart-valkey"]),
        ("*", NAMES),
        (["*-db", "cart-*"], ["cart-db", "cart-valkey", "checkout-db"]),
        ("odd[1]", ["odd[1]"]),
        ("c?rt-d[ab]", ["cart-db"]),
    ],
)
def test_what_is_meant(wanted: str | list[str], meant: list[str]) -> None:
    assert [one.name for one in matching(PROXIES, wanted, server="s")] == meant


@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        ("cart-bd", 'proxy "cart-bd" not found on s; did you mean cart-db?'),
        ("Cart-*", 'no proxy on s matches "Cart-[*]" [(]known: cart-db'),
        (["cart-db", "nope"], 'proxy "nope" not found'),
        ([], "no proxy is named"),
    ],
)
def test_a_pattern_that_means_nothing_is_an_error(wanted: str | list[str], says: str) -> None:
    with pytest.raises(UnknownTarget, match=says):
        matching(PROXIES, wanted, server="s")
