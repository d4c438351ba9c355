"""Timeout, reset_peer, down, noop: a conversation that breaks off."""

from collections.abc import Callable

import pytest

from chaoslib_ext.faults.effects import Baseline, Method
from chaoslib_ext.faults.link import Sample
from chaoslib_ext.faults.questions import LISTEN


@pytest.mark.parametrize(
    ("sample", "hit"),
    [
        (Sample("open", 300.0), True),
        (Sample("closed", 100.0), True),
        (Sample("answered", 3.0, size=10), False),
        (Sample("refused", 3.0), False),
    ],
)
def test_a_timeout_is_silence_where_there_was_an_answer(
    method: Callable[..., Method], base: Callable[..., Baseline], sample: Sample, hit: bool
) -> None:
    it = method("timeout", timeout=100)
    assert it.hit(sample, base()) is hit
    assert it.denies(sample, base()) is (sample.size > 0)


def test_on_a_silent_link_a_timeout_is_its_closing_in_time(
    method: Callable[..., Method], base: Callable[..., Baseline]
) -> None:
    it = method("timeout", question=None, timeout=1000)
    quiet = base(1200.0, end="open", size=0)
    assert it.blind(quiet) is None
    assert it.hit(Sample("closed", 1003.0), quiet)
    assert not it.hit(Sample("closed", 100.0), quiet), "that was something else"
    assert not it.hit(Sample("open", 1500.0), quiet)
    assert "closes by itself" in (it.blind(base(100.0, end="closed", size=0)) or "")
    assert "nothing was said" in (method("timeout", question=None).blind(quiet) or "")


def test_a_greeting_is_no_sign_for_a_timeout_upstream(
    method: Callable[..., Method], base: Callable[..., Baseline]
) -> None:
    it = method("timeout", stream="upstream", question=LISTEN, timeout=1000)
    assert it.is_silent
    assert it.hit(Sample("closed", 1003.0, size=20), base(1200.0, end="open"))


def test_a_reset_is_a_reset(method: Callable[..., Method], base: Callable[..., Baseline]) -> None:
    it = method("reset_peer")
    assert it.hit(Sample("reset", 3.0), base())
    assert not it.hit(Sample("closed", 3.0), base()) and it.denies(Sample("closed", 3.0), base())
    assert not it.denies(Sample("open", 300.0), base())
    assert it.numbers([Sample("reset", 3.0)] * 3, base()) == {"resets": 3}


def test_a_late_reset_is_not_asked_for_since_that_would_block_its_undo(
    method: Callable[..., Method], base: Callable[..., Baseline]
) -> None:
    assert "can't remove it while a connection waits" in (method("reset_peer", timeout=60_000).blind(base()) or "")
    assert method("reset_peer", timeout=1500).blind(base()) is None


def test_down_is_refusals_where_there_were_none(method: Callable[..., Method], base: Callable[..., Baseline]) -> None:
    it = method("down")
    assert it.hit(Sample("refused", 0.1), base(end="open"))
    assert not it.hit(Sample("open", 0.1), base(end="open"))
    assert it.denies(Sample("open", 0.1), base(end="open"))
    assert "refused connections before" in (it.blind(base(end="refused")) or "")
    assert it.sampling(1).say == b""


def test_a_noop_is_never_seen(method: Callable[..., Method], base: Callable[..., Baseline]) -> None:
    assert method("noop").blind(base()) == "a noop does nothing"
    assert not method("noop").hit(Sample("reset", 1.0), base())
