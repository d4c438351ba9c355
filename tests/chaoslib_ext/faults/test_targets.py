"""Names and globs, all resolved before anything is touched."""

import pytest

from chaoslib_ext.errors import UnknownTarget
from chaoslib_ext.faults.targets import matches, resolved, target_of
from chaoslib_ext.testing.faults import World


@pytest.mark.parametrize(
    ("proxy", "names"),
    [
        ("web-http", ["web-http"]),
        ("*", ["orders-postgresql", "web-http"]),
        ("*-http", ["web-http"]),
        (["web-http", "orders-*", "web-*"], ["orders-postgresql", "web-http"]),
    ],
)
def test_each_once_and_sorted(world: World, proxy: str | list[str], names: list[str]) -> None:
    assert [one.name for one in resolved(world.client, proxy)] == names


@pytest.mark.parametrize(
    ("proxy", "says"),
    [
        ("wep-http", 'no proxy is called "wep-http" .*did you mean web-http'),
        ("cart-*", 'no proxy matches "cart-\\*".*known: orders-postgresql, web-http'),
        (["web-http", "nope"], 'no proxy is called "nope"'),
        ([], "no proxy was named"),
    ],
)
def test_a_name_that_means_nothing_is_refused_with_the_near_ones(world: World, proxy: str, says: str) -> None:
    with pytest.raises(UnknownTarget, match=says):
        resolved(world.client, proxy)


def test_a_name_with_brackets_is_found_by_itself(world: World) -> None:
    world.client.create("[odd]", "127.0.0.1:1")
    assert [one.name for one in resolved(world.client, "[odd]")] == ["[odd]"]
    world.client.create("o", "127.0.0.1:1")
    assert [one.name for one in resolved(world.client, "[odd]")] == ["[odd]"], "and is no glob then"
    assert matches("[odd]", "[odd]") and matches("[odd]", "o") and not matches("odd", "o")


def test_a_target_says_where_and_what(world: World) -> None:
    proxy = world.client.proxy("web-http")
    target = target_of(world.client, proxy)
    assert (target.server, target.proxy, target.listen) == (world.client.url, "web-http", proxy.listen)
