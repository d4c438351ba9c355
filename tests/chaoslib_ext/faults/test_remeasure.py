"""After the undo the link is asked again: the effect is gone, or it is said that it is not."""

from collections.abc import Callable
from typing import Any

import pytest

from chaoslib_ext.clock import SYSTEM
from chaoslib_ext.faults import remeasure, take_back
from chaoslib_ext.faults.inject import inject
from chaoslib_ext.faults.proxy_down import ProxyDown
from chaoslib_ext.faults.run import begin, current
from chaoslib_ext.faults.toxic import Toxic
from chaoslib_ext.proxy import undo as proxy_undo
from chaoslib_ext.testing.faults import World

pytestmark = pytest.mark.joins("faults", "proxy", "undo")


def latency(ms: int = 300, proxy: str = "web-http") -> Toxic:
    return Toxic(proxy=proxy, type="latency", attributes={"latency_ms": ms})


class Kept:
    """A record in memory."""

    def __init__(self, folder: Any) -> None:
        self.folder, self.id = folder, "kept1"
        self.events: list[tuple[str, dict[str, Any]]] = []

    def append(self, kind: str, data: dict[str, Any], actor: str = "runner") -> None:
        self.events.append((kind, data))


@pytest.mark.parametrize(
    ("type", "attributes"),
    [("latency", {"latency_ms": 300}), ("timeout", {"timeout_ms": 100}), ("reset_peer", {}), ("down", {})],
)
def test_what_was_seen_is_seen_to_be_gone(world: World, type: str, attributes: dict[str, int]) -> None:
    down = ProxyDown(proxy="web-http")
    inject(down if type == "down" else Toxic(proxy="web-http", type=type, attributes=attributes))
    (result,) = current().undo_all("hand")
    assert result.verified and result.measured is True, result
    assert result.after["hits"] == 0 and result.after["samples"] == 3


def test_the_record_hears_of_it_behind_every_undo(world: World, tmp_path: Any) -> None:
    record = Kept(tmp_path)
    begin(record)
    seen = [one.undo for one in inject(latency(proxy="*")).faults if one.bit]  # a very busy machine may see none
    current().undo_all("end")
    kinds = [kind for kind, _ in record.events]
    told = ["fault.undone", "lock.released"] * 2 + ["fault.remeasured"] * len(seen)
    assert kinds[-len(told) :] == told, "first all, then measure"
    assert all(data["measured"] is True for kind, data in record.events if kind == "fault.remeasured")


@pytest.mark.parametrize("kind", ["latency", "down"])
def test_a_server_that_says_gone_while_the_link_still_shows_it_is_found_out(
    world: World, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    inject(latency() if kind == "latency" else ProxyDown(proxy="web-http"))
    for undoer in (proxy_undo.RemoveToxic, proxy_undo.EnableProxy):
        monkeypatch.setattr(undoer, "_undo", lambda *_: "undone")
        monkeypatch.setattr(undoer, "_is_clear", lambda *_: True)
    monkeypatch.setattr(remeasure, "_others", lambda target: None)
    result = next(one for one in current().undo_all("hand") if "give" not in one.says)
    assert result.status == "undone" and result.verified
    assert result.measured is False and result.after["hits"] == 3 and result.after["tries"] == 3


def test_another_fault_on_the_same_link_is_not_taken_for_what_stayed(world: World) -> None:
    inject(latency())
    inject(Toxic(proxy="web-http", type="latency", attributes={"latency_ms": 300}, stream="upstream"))
    first = next(one for one in current().log.read().open if not one.is_lock)
    (result,) = current().undo([first.id], "hand")
    assert result.measured is None and result.after == {}


def test_nor_is_what_somebody_else_did_meanwhile(world: World) -> None:
    inject(latency())
    world.client.add_toxic("web-http", "latency", name="someone-elses", attributes={"latency": 400})
    (result,) = current().undo_all("hand")
    assert result.measured is None and "someone-elses" in result.after["why"]


def test_a_little_slower_than_before_may_be_the_machine(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    inject(latency(40))
    monkeypatch.setattr(proxy_undo.RemoveToxic, "_undo", lambda *_: "undone")
    monkeypatch.setattr(proxy_undo.RemoveToxic, "_is_clear", lambda *_: True)
    (result,) = (one for one in current().undo_all("hand"))
    assert result.measured is None and "may be the machine" in result.after["why"]


def test_silence_is_not_waited_for(world: World, link: Callable[[str], str]) -> None:
    inject(Toxic(proxy=link("odd"), type="timeout", attributes={"timeout_ms": 500}))
    began = SYSTEM.monotonic()
    (result,) = current().undo_all("hand")
    assert result.measured is None and "silence" in result.after["why"]
    assert SYSTEM.monotonic() - began < 30


def test_an_action_that_takes_back_says_it_too(world: World) -> None:
    inject(latency())
    (told,) = take_back.toxics("web-http", None)["undone"]
    assert told["measured"] is True and told["after"]["baseline_ms"] >= 0


def test_nothing_was_seen_so_nothing_is_looked_for(world: World) -> None:
    inject(Toxic(proxy="web-http", type="noop"))
    (result,) = current().undo_all("hand")
    assert result.measured is None and result.after == {}


def test_an_interpreter_that_ends_starts_no_threads(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def ending(*_: Any, **__: Any) -> Any:
        raise RuntimeError("cannot schedule new futures after interpreter shutdown")

    inject(latency())
    monkeypatch.setattr(remeasure, "ThreadPoolExecutor", ending)
    (result,) = current().undo_all("hand")
    assert result.verified and result.measured is None and "shutdown" in result.after["why"]
