"""Faults taken back before the end: ours only, and by name."""

import pytest

from chaoslib_ext.errors import ProxyFailed, UndoFailed, UnknownTarget
from chaoslib_ext.faults import take_back
from chaoslib_ext.faults.inject import inject
from chaoslib_ext.faults.proxy_down import ProxyDown
from chaoslib_ext.faults.rehearsal import rehearsing
from chaoslib_ext.faults.toxic import Toxic
from chaoslib_ext.proxy import undo as proxy_undo
from chaoslib_ext.proxy.hold import NAME
from chaoslib_ext.testing.faults import World
from chaoslib_ext.undo.log import logs


def names(world: World) -> list[str]:
    return [toxic.type for proxy in world.client.proxies().values() for toxic in proxy.toxics if toxic.name != NAME]


@pytest.fixture
def three(world: World) -> World:
    """Two toxics of ours and one that is not."""
    world.client.add_toxic("web-http", "noop", name="someone-elses")
    inject(Toxic(proxy="web-http", type="latency", attributes={"latency": 30}))
    inject(Toxic(proxy="orders-postgresql", type="slow_close", attributes={"delay": 30}))
    return world


@pytest.mark.parametrize(
    ("proxy", "type", "left"),
    [
        ("*", None, ["noop"]),
        ("web-http", None, ["slow_close", "noop"]),
        ("*", "slow_close", ["noop", "latency"]),
        (["web-*", "orders-*"], "latency", ["slow_close", "noop"]),
        ("web-http", "slow_close", ["slow_close", "noop", "latency"]),
    ],
)
def test_only_what_is_meant_and_ours(three: World, proxy: str, type: str | None, left: list[str]) -> None:
    told = take_back.toxics(proxy, type)
    assert sorted(names(three)) == sorted(left)
    assert all(one["verified"] for one in told["undone"])


def test_taking_back_twice_is_harmless_but_a_mistyped_name_is_said(three: World) -> None:
    take_back.toxics("web-http", None)
    assert take_back.toxics("web-http", None)["undone"] == []
    with pytest.raises(UnknownTarget, match="did you mean web-http"):
        take_back.toxics("wep-http", None)


def test_up_leaves_the_toxics_in_and_the_proxies_of_others_down(three: World) -> None:
    three.client.create("other", "127.0.0.1:1", enabled=False)
    inject(ProxyDown(proxy="web-http"))
    assert len(take_back.proxies("*")["undone"]) == 1
    assert three.client.proxy("web-http").enabled and not three.client.proxy("other").enabled
    assert len(names(three)) == 3


def test_everything(three: World) -> None:
    inject(ProxyDown(proxy="web-http"))
    assert [one["id"] for one in take_back.everything()["undone"]] == [5, 4, 2]
    assert names(three) == ["noop"]


def test_what_cannot_be_undone_is_an_error_with_the_command(three: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuses(*_: object) -> None:
        raise ProxyFailed("no")

    with monkeypatch.context() as resisting:
        resisting.setattr(proxy_undo.Client, "remove_toxic", refuses)
        with pytest.raises(UndoFailed, match="curl -sS -X DELETE"):
            take_back.everything()


def test_a_rehearsal_checks_names_and_takes_nothing_back(world: World) -> None:
    with rehearsing():
        assert take_back.toxics("web-http", None)["undone"] == []
        assert take_back.proxies("*")["undone"] == []
        assert take_back.everything()["undone"] == []
        with pytest.raises(UnknownTarget):
            take_back.toxics("wep-http", None)
    assert not logs()
