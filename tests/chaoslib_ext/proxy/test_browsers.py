"""Which names a server answers to, by where it listens; what a request may say is in tests/contracts/test_better.py."""

import socket
from types import SimpleNamespace
from typing import Any

import pytest
from multidict import CIMultiDict

from chaoslib_ext.errors import BadInput
from chaoslib_ext.proxy.browsers import Gate, gate_of, host_name


def asked(*headers: tuple[str, str], target: str = "/proxies") -> Any:
    return SimpleNamespace(headers=CIMultiDict(headers), raw_path=target)


@pytest.mark.parametrize(
    ("address", "is_loopback"),
    [("127.0.0.1", True), ("127.0.0.2", True), ("::1", True), ("0.0.0.0", False), ("::", False)],
)
def test_only_loopback_is_picky(address: str, is_loopback: bool) -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.bind((address, 0))
        gate = gate_of(listener, "bound-by", ["more"])
    assert bool(gate.refusal(asked(("Host", "evil.example")))) is is_loopback
    for name in ("bound-by", "more", "MORE.:80", "localhost", socket.gethostname(), "10.1.2.3", "[fe80::1%eth0]:1", ""):
        assert gate.refusal(asked(("Host", name))) is None, name


def test_what_is_refused_is_told_with_what_to_type_and_nothing_that_moves_a_terminal() -> None:
    why = Gate(["localhost"]).refusal(asked(("Host", "evil\x1b[2J\u202e.example:80"))) or ""
    assert "--allow-host evil" in why and why.isascii() and why.isprintable()


def test_a_name_is_taken_as_it_is_written() -> None:
    assert host_name(" chaos.example.com. ") == "chaos.example.com."
    with pytest.raises(BadInput, match="write the name alone"):
        host_name("http://chaos.example.com")
