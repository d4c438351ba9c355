"""A story with one of everything, the same on every machine."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from chaoslib_ext.model import Verdict
from chaoslib_ext.record.story import Fault, Phase, Sample, Step, Story

DAY = "2026-11-22T03:10:"


@pytest.fixture(autouse=True)
def in_utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Reports show times in the reader's zone; here that is UTC."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    os.environ.pop("TZ", None)
    time.tzset()


def sample(value: float, met: bool, second: int) -> Sample:
    bounds = {"type": "range", "range": [0, 0.05]}
    return Sample("bad-checkouts", value, bounds, met, "succeeded", 4.0, f"{DAY}{second:02}+00:00")


TARGET = {"server": "http://127.0.0.1:8474", "proxy": "checkout-payment"}
WHERE = {"listen": "127.0.0.1:41872", "upstream": "127.0.0.1:41900"}
LATENCY = {
    "fault": "latency",
    "target": {**TARGET, **WHERE},
    "toxic": {"attributes": {"latency": 400, "jitter": 50}, "stream": "downstream", "toxicity": 1.0},
    "confirmed": True,
    "bit": True,
    "measured": {"added_ms": 402.1, "hits": 3, "samples": 3},
    "seed": 7,
    "seed_honoured": True,
}
DOWN = {
    "fault": "down",
    "target": {**TARGET, **WHERE, "proxy": "catalog-valkey"},
    "toxic": None,
    "confirmed": True,
    "bit": True,
    "measured": {"refused": 3, "hits": 3, "samples": 3},
}
UNDONE = {
    "id": 1,
    "says": "remove toxic cx-7f3a-latency from checkout-payment",
    "status": "undone",
    "verified": True,
}
DUE = {
    **UNDONE,
    "id": 2,
    "says": "enable catalog-valkey",
    "by": "watchdog",
    "reason": "deadline",
    "seconds": 0.01,
}


@pytest.fixture
def story() -> Story:
    """Deviated, with one fault taken back by its runner and one by the watchdog at its deadline."""
    return Story(
        id="7f3a",
        folder=Path("/journal/runs/20261122T031000Z-does-checkout-survive-7f3a"),
        title="Does checkout survive a payment provider that is 400 ms slow?",
        state="ok",
        problem=None,
        head="c0ffee" * 10,
        events=31,
        verdict=Verdict.DEVIATED,
        reasons=('after the method "bad-checkouts" was 0.31, not 0 to 0.05',),
        started=f"{DAY}00+00:00",
        ended=f"{DAY}40+00:00",
        seconds=40.0,
        hypothesis="At most 5 % of checkouts fail or take longer than 800 ms",
        about={
            "who": "sre-1",
            "host": "ci-3",
            "source": "/experiments/does-checkout-survive.yaml",
            "experiment_sha256": "ab" * 32,
            "versions": {"python": "3.11.7", "chaostoolkit": "1.19.0"},
            "server": {"url": "http://127.0.0.1:8474", "version": "2.12.0", "engine": "embedded"},
        },
        experiment={"description": "Payment is outside our walls; its slowness must stay there."},
        phases=(
            Phase("before", True, (sample(0.002, True, 1),)),
            Phase("after", False, (sample(0.31, False, 30),)),
        ),
        steps=(
            Step("method", "slow-payment", "action", "succeeded", f"{DAY}06+00:00", 1.5, {"faults": [LATENCY]}),
            Step("method", "wait", "action", "succeeded", f"{DAY}08+00:00", 20.0, None),
            Step("rollbacks", "reset", "action", "failed", f"{DAY}36+00:00", 1.0, None, "ValueError: no"),
        ),
        faults=(
            Fault(LATENCY, f"{DAY}06.5+00:00", {**UNDONE, "by": "runner", "reason": "end"}, f"{DAY}37+00:00"),
            Fault(DOWN, f"{DAY}07+00:00", DUE, f"{DAY}20+00:00"),
        ),
        undone=({**DUE, "at": f"{DAY}20+00:00"}, {**UNDONE, "by": "runner", "seconds": 0.2, "at": f"{DAY}37+00:00"}),
        notes=("a half-written last line (31 bytes) was cut",),
    )
