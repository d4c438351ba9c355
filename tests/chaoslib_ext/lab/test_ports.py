import socket

import pytest

from chaoslib_ext.errors import BadInput
from chaoslib_ext.lab.ports import HOST, Ports, is_free


@pytest.fixture(autouse=True)
def usual_ports_are_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CHAOS_LAB_PORTS", raising=False)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
    return port


def test_the_usual_port_is_taken_if_it_is_free_and_not_given_twice() -> None:
    ports, usual = Ports(), free_port()
    assert ports.pick(usual) == usual
    assert ports.pick(usual) != usual


def test_a_usual_port_that_somebody_has_is_left_to_them() -> None:
    with socket.create_server((HOST, 0)) as other:
        taken = other.getsockname()[1]
        assert not is_free(taken)
        assert Ports().pick(taken) != taken
        assert Ports().again(taken) != taken


def test_the_usual_ones_can_be_left_alone_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHAOS_LAB_PORTS", "free")
    usual = free_port()
    assert Ports().pick(usual) != usual
    assert Ports().again(usual) == usual, "but what a process had before is kept"


def test_a_wish_that_is_not_known_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHAOS_LAB_PORTS", "banana")
    with pytest.raises(BadInput, match="CHAOS_LAB_PORTS is 'banana'; only `free` is known"):
        Ports()
