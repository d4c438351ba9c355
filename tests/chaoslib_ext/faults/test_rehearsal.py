"""A rehearsal checks and injects nothing; it ends with its block, and other threads are not in it."""

import threading

import pytest

from chaoslib_ext.errors import BadAttribute, UnknownTarget
from chaoslib_ext.faults.rehearsal import is_on, rehearsing
from chaoslib_ext.testing.faults import World
from chaoslib_ext.undo.log import logs


def test_inside_it_an_action_checks_everything_and_touches_nothing(world: World) -> None:
    from actions import proxies, toxics

    before = world.looks()
    with rehearsing():
        assert toxics.add_latency("*", 40)["faults"] == []
        assert proxies.down("web-http")["faults"] == []
        with pytest.raises(UnknownTarget):
            toxics.add_latency("nope", 40)
        with pytest.raises(BadAttribute):
            toxics.add_latency("*", -40)
    assert world.looks() == before
    assert not logs()


def test_it_ends_with_its_block_even_by_an_error() -> None:
    with pytest.raises(ValueError, match="x"), rehearsing():
        assert is_on()
        raise ValueError("x")
    assert not is_on()


def test_another_thread_is_not_in_it() -> None:
    seen: list[bool] = []
    with rehearsing():
        thread = threading.Thread(target=lambda: seen.append(is_on()))
        thread.start()
        thread.join()
    assert seen == [False]


def test_it_hears_each_fault_with_its_targets_also_where_the_guard_refuses(world: World) -> None:
    from actions import toxics
    from chaoslib_ext.errors import GuardRefused
    from chaoslib_ext.safety import freeze

    freeze.put("x", "ann")
    with rehearsing() as heard, pytest.raises(GuardRefused):
        toxics.add_latency("*", 40)
    ((fault, targets),) = heard.faults
    assert fault.says() == "latency 40 ms, downstream"
    assert [target.proxy for _, target in targets] == ["orders-postgresql", "web-http"]


def test_offline_no_server_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    from actions import proxies, toxics

    monkeypatch.setenv("TOXIPROXY_URL", "http://127.0.0.1:1")
    with rehearsing(offline=True) as heard:
        assert toxics.add_latency("nope", 40)["faults"] == []
        assert proxies.up("nope")["undone"] == []
        with pytest.raises(BadAttribute):
            toxics.add_latency("nope", -1)
    assert [list(targets) for _, targets in heard.faults] == [[]]
