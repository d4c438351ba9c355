"""Did it bite? Asked of every protocol, on both servers, honest where it cannot be told."""

import socket
from collections.abc import Callable
from typing import Any

import pytest

from chaoslib_ext.clock import SYSTEM
from chaoslib_ext.faults import measure
from chaoslib_ext.faults.effects import Asked
from chaoslib_ext.faults.inject import inject
from chaoslib_ext.faults.link import Sampling
from chaoslib_ext.faults.targets import target_of
from chaoslib_ext.faults.toxic import Toxic
from chaoslib_ext.model import Evidence
from chaoslib_ext.proxy.client import Client
from chaoslib_ext.testing.upstream import Upstream

Link = Callable[[str], str]


def bite(proxy: str, type: str, stream: Any = "downstream", toxicity: float = 1.0, **attributes: int) -> Evidence:
    fault = Toxic(proxy=proxy, type=type, attributes=attributes, stream=stream, toxicity=toxicity)
    return inject(fault).faults[0]


@pytest.mark.parametrize(
    ("service", "question"),
    [("web-http", "http"), ("orders-postgresql", "postgresql"), ("cart-valkey", "ping"), ("mail", "listen")],
)
def test_each_protocol_shows_a_latency(link: Link, service: str, question: str) -> None:
    evidence = bite(link(service), "latency", latency=300)  # more than a link varies by on a busy machine
    assert evidence.bit is True
    assert evidence.measured["question"] == question
    assert evidence.measured["added_ms"] == pytest.approx(300, abs=150)
    assert evidence.measured["hits"] == evidence.measured["samples"] == 3


@pytest.mark.parametrize(
    ("service", "type", "stream", "attributes", "why"),
    [
        ("odd", "latency", "downstream", {"latency": 60}, "no answer"),
        ("odd", "timeout", "downstream", {"timeout": 0}, "nothing was said"),
        ("mail", "latency", "upstream", {"latency": 60}, "speaks first"),
        ("orders-postgresql", "bandwidth", "downstream", {"rate": 1000}, "varies by"),
        ("cart-valkey", "limit_data", "downstream", {"bytes": 100}, "answer has 7 B"),
        ("orders-postgresql", "limit_data", "upstream", {"bytes": 100}, "question has 8 B"),
        ("web-http", "slicer", "upstream", {"average_size": 100}, "adds 0 ms"),
        ("web-http", "latency", "downstream", {"latency": 1}, "varies by"),
        ("web-http", "reset_peer", "downstream", {"timeout": 60_000}, "can't remove it while a connection waits"),
    ],
)
def test_what_this_link_cannot_show_is_said_and_not_taken_for_proof(
    link: Link, service: str, type: str, stream: str, attributes: dict[str, int], why: str
) -> None:
    evidence = bite(link(service), type, stream, **attributes)
    assert evidence.confirmed
    assert evidence.bit is None and why in evidence.measured["why"]


@pytest.mark.parametrize("service", ["odd", "mail"])
@pytest.mark.parametrize(
    ("type", "attributes"), [("timeout", {"timeout": 200}), ("reset_peer", {}), ("slow_close", {"delay": 60})]
)
def test_what_needs_no_answer_is_seen_without_one(
    link: Link, service: str, type: str, attributes: dict[str, int]
) -> None:
    assert bite(link(service), type, "upstream", **attributes).bit is True


def test_a_dead_upstream_is_said(client: Client) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    client.create("dead", f"127.0.0.1:{port}")
    evidence = bite("dead", "latency", latency=60)
    assert evidence.bit is None and "upstream seems to be dead" in evidence.measured["why"]


def test_a_small_share_that_was_missed_is_told_with_its_chance(link: Link) -> None:
    evidence = bite(link("web-http"), "latency", toxicity=0.001, latency=60)
    if evidence.bit is None:
        assert "at a toxicity of 0.001 that happens in" in evidence.measured["why"]
    assert evidence.measured["samples"] == 12


@pytest.mark.parametrize(
    ("type", "attributes"),
    [
        ("latency", {"latency": 60_000}),
        ("timeout", {"timeout": 60_000}),
        ("slow_close", {"delay": 60_000}),
        ("bandwidth", {"rate": 0}),
    ],
)
def test_a_fault_of_a_minute_is_measured_in_seconds(link: Link, type: str, attributes: dict[str, int]) -> None:
    name = link("web-http")
    start = SYSTEM.monotonic()
    assert bite(name, type, **attributes).bit is True
    assert SYSTEM.monotonic() - start < 5


def test_wide_jitter_is_seen_by_one_late_answer(link: Link) -> None:
    assert bite(link("web-http"), "latency", latency=400, jitter=400).bit is True  # more than a busy machine's own


def test_a_link_that_stopped_answering_is_asked_anew(client: Client) -> None:
    """What was learned of a link is used again, but never believed against what it does now."""

    def moody(peer: socket.socket) -> None:
        peer.recv(4096)
        if answers:
            answers.pop()
            peer.sendall(b"+PONG\r\n")

    answers = [None] * 6
    with Upstream(moody) as service:
        target = target_of(client, client.create("cart-valkey", service.address))
        assert measure.before(target, Asked("latency", {"latency": 60})).why is None
        again = measure.before(target, Asked("latency", {"latency": 60}))
        assert again.why and "not just before the fault" in again.why


def test_the_search_for_the_question_is_bounded_and_remembered(
    link: Link, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[bytes] = []
    real = measure.samples

    def noted(address: Any, how: list[Sampling], **more: Any) -> Any:
        sent.extend(one.say for one in how)
        return real(address, how, **more)

    monkeypatch.setattr(measure, "samples", noted)
    target = target_of(client, client.proxy(link("cart-valkey")))
    measure.before(target, Asked("latency", {"latency": 60}))
    assert len(sent) == 1 + 5
    measure.before(target, Asked("latency", {"latency": 60}))
    assert len(sent) == 1 + 5 + 5
