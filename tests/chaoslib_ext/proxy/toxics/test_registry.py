"""How toxics are found."""

from importlib.metadata import EntryPoint

import pytest

from chaoslib_ext.proxy import toxics

OURS = {"noop", "latency", "bandwidth", "slicer", "timeout", "reset_peer", "slow_close", "limit_data"}


@pytest.fixture(autouse=True)
def fresh_registry():
    toxics.registry.cache_clear()
    yield
    toxics.registry.cache_clear()


def test_a_toxic_is_registered_by_being_there():
    assert set(toxics.registry()) >= OURS


def test_a_guest_comes_by_entry_point_and_cannot_replace_ours(monkeypatch):
    guests = [
        EntryPoint("drip", "chaoslib_ext.proxy.toxics.noop:Noop", "chaoslib_ext.toxics"),
        EntryPoint("latency", "chaoslib_ext.proxy.toxics.noop:Noop", "chaoslib_ext.toxics"),
    ]
    monkeypatch.setattr(toxics, "entry_points", lambda group: guests)
    assert toxics.registry()["drip"].__name__ == "Noop"
    assert toxics.registry()["latency"].__name__ == "Latency"
