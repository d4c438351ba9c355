"""The one door: all or nothing, the undo first, and proof at the end."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from chaoslib_ext.clock import SYSTEM, boot_id
from chaoslib_ext.errors import (
    FaultDidNotBite,
    GuardRefused,
    NoServer,
    ProxyFailed,
    ToxicExists,
    UndoFailed,
    UndoNotDurable,
    UnknownTarget,
    WatchdogMissing,
)
from chaoslib_ext.faults import link as link_module
from chaoslib_ext.faults import measure, run
from chaoslib_ext.faults.inject import check, inject
from chaoslib_ext.faults.proxy_down import ProxyDown
from chaoslib_ext.faults.standby import Standby
from chaoslib_ext.faults.toxic import Toxic
from chaoslib_ext.proxy import undo as proxy_undo
from chaoslib_ext.proxy.client import Client
from chaoslib_ext.testing.faults import World
from chaoslib_ext.undo.log import UndoLog, logs

pytestmark = [
    pytest.mark.joins("faults", "safety"),
    pytest.mark.joins("faults", "proxy", "toxiproxy-embedded", "toxiproxy-go"),
]


class Kept:
    """A record in memory."""

    def __init__(self, folder: Any) -> None:
        self.folder, self.id = folder, "kept1"
        self.events: list[tuple[str, dict[str, Any]]] = []

    def append(self, kind: str, data: dict[str, Any], actor: str = "runner") -> None:
        self.events.append((kind, data))


def latency(proxy: str | tuple[str, ...] = "web-http", **more: Any) -> Toxic:
    return Toxic(proxy=proxy, type="latency", attributes={"latency_ms": 40}, **more)


def test_the_record_hears_each_step_in_its_order(world: World, tmp_path: Any) -> None:
    record = Kept(tmp_path)
    run.begin(record)
    told = inject(latency()).as_json()
    run.current().undo_all()
    assert [kind for kind, _ in record.events] == [
        "watchdog.ready", "fault.planned", "fault.applied", "fault.confirmed", "fault.measured", "fault.undone",
        "lock.released", "fault.remeasured",
    ]  # fmt: skip
    assert record.events[4][1] == told["faults"][0]
    assert record.events[5][1]["by"] == "runner" and record.events[5][1]["reason"] == "end"
    assert told["run"] == "kept1"
    assert told["faults"][0]["measured"]["added_ms"] == pytest.approx(40, abs=20)


def test_a_record_that_cannot_be_written_keeps_the_fault_out(world: World, tmp_path: Any) -> None:
    class Full(Kept):
        def append(self, kind: str, data: dict[str, Any], actor: str = "runner") -> None:
            raise UndoNotDurable("no space")

    before = world.looks()
    run.begin(Full(tmp_path))
    with pytest.raises(UndoNotDurable):
        inject(latency())
    assert world.looks() == before


def test_an_undo_that_cannot_be_written_keeps_the_fault_out(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: UndoLog, undo: Any) -> None:
        raise UndoNotDurable("no space")

    before = world.looks()
    monkeypatch.setattr(UndoLog, "intend", full)
    monkeypatch.setattr(Client, "add_toxic", lambda *_, **__: pytest.fail("injected without an undo"))
    with pytest.raises(UndoNotDurable):
        inject(latency())
    assert world.looks() == before


def test_without_a_watchdog_nothing_goes_in(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chaoslib_ext.faults.standby._COMMAND", ["-c", "import sys; sys.exit(3)"])
    before = world.looks()
    with pytest.raises(WatchdogMissing, match=r"watchdog\.log"):
        inject(latency())
    assert world.looks() == before


@pytest.mark.parametrize("fault", [latency("wep-http"), latency(("web-http", "nope")), ProxyDown(proxy="x*")])
def test_an_unknown_target_is_refused_before_a_run_even_begins(world: World, fault: Any) -> None:
    before = world.looks()
    with pytest.raises(UnknownTarget, match="Nothing was injected"):
        inject(fault)
    assert world.looks() == before
    assert not logs()


def test_without_a_server_the_refusal_is_clear(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chaoslib_ext.proxy.servers.DEFAULT_URL", "http://127.0.0.1:9")
    with pytest.raises(NoServer):
        inject(latency())


def test_a_toxic_on_a_disabled_proxy_is_refused(world: World) -> None:
    world.client.update("web-http", enabled=False)
    for door in (check, inject):
        with pytest.raises(GuardRefused, match="bite nothing"):
            door(latency(("web-http", "orders-postgresql")))
    assert not world.client.toxics("orders-postgresql")


def test_a_second_fault_of_the_same_kind_gets_a_name_of_its_own_for_ever(world: World) -> None:
    first = inject(latency()).faults[0]
    second = inject(latency(stream="upstream")).faults[0]
    current = run.current()
    current.undo([second.undo], "hand")
    third = inject(latency()).faults[0]
    names = [one.toxic and one.toxic["name"] for one in (first, second, third)]
    assert names == [f"cx-{current.id}-latency{suffix}" for suffix in ("", "-2", "-3")]
    assert inject(latency("orders-postgresql")).faults[0].toxic["name"] == f"cx-{current.id}-latency"  # type: ignore[index]


def test_half_a_fault_is_taken_back_whole(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    before = world.looks()
    real = Client.add_toxic

    def breaks(self: Client, proxy: str, type: str, **given: Any) -> Any:
        if proxy == "web-http" and type == "latency":
            raise ProxyFailed("out of memory")
        return real(self, proxy, type, **given)

    monkeypatch.setattr(Client, "add_toxic", breaks)
    with pytest.raises(ProxyFailed, match=r"out of memory.*orders-postgresql, web-http\) was undone and read back"):
        inject(latency("*"))
    assert world.looks() == before
    assert not run.current().log.read().open


def test_a_name_taken_in_the_last_moment_is_its_owners(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    real = Client.add_toxic

    def late(self: Client, proxy: str, type: str, **given: Any) -> Any:
        if type == "latency":
            real(self, proxy, "noop", name=given["name"])
        return real(self, proxy, type, **given)

    monkeypatch.setattr(Client, "add_toxic", late)
    with pytest.raises(ToxicExists):
        inject(latency())
    run.current().undo_all()
    assert [one.type for one in world.client.toxics("web-http")] == ["noop"]


def test_a_fault_that_the_link_does_not_show_is_taken_out(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server says yes, but the connections do not go through it."""
    host, port = world.client.proxy("web-http").upstream.split(":")
    monkeypatch.setattr(measure, "reach", lambda target: (host, int(port)))
    before = world.looks()
    with pytest.raises(FaultDidNotBite, match=r"link does not.*'tries': 3.*undone and read back"):
        inject(latency())
    assert world.looks() == before


def test_what_could_not_be_taken_back_is_said_with_the_command(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measure, "reach", lambda target: link_module.reach(target) and ("127.0.0.1", 9))
    monkeypatch.setattr(Toxic, "confirm", lambda *_: (_ for _ in ()).throw(ProxyFailed("it broke")))
    with monkeypatch.context() as resisting:
        resisting.setattr(proxy_undo.Client, "remove_toxic", lambda *_: (_ for _ in ()).throw(ProxyFailed("no")))
        with pytest.raises(UndoFailed, match=r"it broke.*\n  curl -sS -X DELETE http.*cx-"):
            inject(latency())
    assert [one.status for one in run.current().undo_all()] == ["undone"]


def test_a_duration_stands_in_the_undo_on_both_clocks(world: World) -> None:
    start = SYSTEM.boot()
    inject(latency(duration="1h"))
    _, intent = run.current().log.read().open
    deadline = intent.data["deadline"]
    assert deadline["boot_id"] == boot_id()
    assert start + 3600 <= deadline["boot_seconds"] <= SYSTEM.boot() + 3600
    assert deadline["wall"].endswith("Z") or "+00:00" in deadline["wall"]


def test_a_fault_too_short_to_measure_says_so_and_is_gone(world: World, link: Callable[[str], str]) -> None:
    (evidence,) = inject(
        Toxic(proxy="web-http", type="latency", attributes={"latency_ms": 900}, duration="300ms")
    ).faults
    assert evidence.bit is not False
    if evidence.bit is None:
        assert "duration" in evidence.measured["why"]


def test_check_touches_nothing_and_begins_nothing(world: World) -> None:
    before = world.looks()
    assert [target.proxy for target in check(latency("*"))] == ["orders-postgresql", "web-http"]
    assert world.looks() == before
    assert not logs()


def test_a_watchdog_that_died_is_replaced_before_the_next_fault(world: World) -> None:
    inject(latency())
    first: Standby = run.current().watchdog
    first._process.kill()
    first._process.wait()
    inject(latency("orders-postgresql"))
    second = run.current().watchdog
    assert second.pid != first.pid and second.is_alive()


def test_an_undo_waits_for_a_fault_that_is_on_its_way(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else it would find nothing to undo, and the fault would come in behind it."""
    before = world.looks()
    on_its_way, go_on = threading.Event(), threading.Event()
    real = Client.add_toxic

    def slow(self: Client, proxy: str, type: str, **given: Any) -> Any:
        on_its_way.set()
        assert go_on.wait(10)
        return real(self, proxy, type, **given)

    monkeypatch.setattr(Client, "add_toxic", slow)
    with ThreadPoolExecutor() as pool:
        injecting = pool.submit(inject, latency())
        assert on_its_way.wait(10)
        undoing = pool.submit(run.current().undo_all)
        with pytest.raises(TimeoutError):
            undoing.result(0.3)
        go_on.set()
        assert [one.status for one in undoing.result(10)] == ["undone"]
        injecting.exception(10)
    assert world.looks() == before
    assert not run.current().log.read().open


def test_what_somebody_took_down_during_the_baseline_stays_down(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    real = measure.each

    def meanwhile(*args: Any, **more: Any) -> Any:
        found = real(*args, **more)
        world.client.update("web-http", enabled=False)
        return found

    monkeypatch.setattr(measure, "each", meanwhile)
    with pytest.raises(GuardRefused, match="disabled already, not by this fault"):
        inject(ProxyDown(proxy="web-http"))
    run.end_current()
    assert not world.client.proxy("web-http").enabled
