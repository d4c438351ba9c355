"""Every toxic keeps the fault contract, on our server and on the real one."""

import shlex
import shutil
import subprocess
from typing import Any

import pytest

from chaoslib_ext.errors import FaultNotConfirmed
from chaoslib_ext.faults.inject import inject
from chaoslib_ext.faults.run import current
from chaoslib_ext.faults.toxic import Toxic
from chaoslib_ext.proxy.client import Client
from chaoslib_ext.testing.faults import World, check_fault

TOXICS: list[tuple[str, dict[str, int]]] = [
    ("latency", {"latency_ms": 60, "jitter_ms": 10}),
    ("bandwidth", {"rate_kb_per_s": 50}),
    ("slicer", {"average_size_bytes": 500, "size_variation_bytes": 100, "delay_us": 5000}),
    ("timeout", {"timeout_ms": 100}),
    ("reset_peer", {}),
    ("slow_close", {"delay_ms": 60}),
    ("limit_data", {"bytes": 20}),
]


@pytest.mark.parametrize("stream", ["downstream", "upstream"])
@pytest.mark.parametrize(("type", "attributes"), TOXICS, ids=[type for type, _ in TOXICS])
def test_it_keeps_the_contract_and_bites(world: World, type: str, attributes: dict[str, int], stream: Any) -> None:
    (evidence,) = check_fault(Toxic(proxy="web-http", type=type, attributes=attributes, stream=stream), world)
    assert evidence.bit is True, evidence.measured
    assert evidence.toxic and evidence.toxic["name"] == f"cx-{evidence.run}-{type}"
    assert evidence.toxic["stream"] == stream


def test_a_noop_keeps_it_too_and_says_that_there_is_nothing_to_see(world: World) -> None:
    (evidence,) = check_fault(Toxic(proxy="web-http", type="noop"), world)
    assert evidence.bit is None and "does nothing" in evidence.measured["why"]


def test_a_share_of_connections_is_told_as_a_share(world: World) -> None:
    attributes = {"latency_ms": 60}
    (evidence,) = check_fault(Toxic(proxy="web-http", type="latency", attributes=attributes, toxicity=0.6), world)
    assert evidence.bit is not False
    assert 0 <= evidence.measured["share"] <= 1
    assert evidence.toxic and evidence.toxic["toxicity"] == pytest.approx(0.6)


def test_the_record_says_whether_the_server_took_the_seed(world: World, request: pytest.FixtureRequest) -> None:
    is_ours = request.node.callspec.params["toxiproxy"] == "embedded"
    fault = Toxic(proxy="web-http", type="latency", attributes={"latency_ms": 30}, seed=7)
    (evidence,) = check_fault(fault, world)
    assert (evidence.seed, evidence.seed_honoured) == (7, is_ours)


def test_a_server_that_shows_something_else_is_caught(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """As one would that rounds, or that takes another's toxic for ours."""
    before = world.looks()
    real = Client.add_toxic

    def other(self: Client, proxy: str, type: str, **given: Any) -> Any:
        changed = {"attributes": {"latency": 31, "jitter": 0}} if type == "latency" else {}
        return real(self, proxy, type, **{**given, **changed})

    monkeypatch.setattr(Client, "add_toxic", other)
    with pytest.raises(FaultNotConfirmed, match=r"latency is 31, not 30.*undone and read back"):
        inject(Toxic(proxy="web-http", type="latency", attributes={"latency_ms": 30}))
    assert world.looks() == before


@pytest.mark.skipif(not shutil.which("curl"), reason="no curl here")
def test_the_command_to_type_by_hand_works(world: World) -> None:
    before = world.looks()
    inject(Toxic(proxy="web-http", type="noop"))
    for intent in reversed(current().log.read().open):
        subprocess.run(shlex.split(str(intent.by_hand)), check=True)
    assert world.looks() == before
    assert [one.status for one in current().undo_all()] == ["already gone"]
