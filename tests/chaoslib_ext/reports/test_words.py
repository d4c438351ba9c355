"""The words that reports share."""

import time
from typing import Any

import pytest

from chaoslib_ext.reports.words import attributes, measured, moment, plainly


@pytest.mark.parametrize(
    ("fault", "toxic", "says"),
    [
        ("latency", {"attributes": {"latency": 1500, "jitter": 20}}, "delayed answers by 1,500 ms, give or take 20 ms"),
        ("latency", {"attributes": {"latency": 5, "jitter": 0}, "stream": "upstream"}, "delayed requests by 5 ms"),
        ("bandwidth", {"attributes": {"rate": 10}}, "let only 10 kB of answers a second through"),
        ("slicer", {"attributes": {"average_size": 3}}, "cut answers into pieces of about 3 bytes"),
        ("timeout", {"attributes": {"timeout": 0}}, "let no answers through"),
        (
            "reset_peer",
            {"attributes": {"timeout": 0}, "toxicity": 0.5},
            "broke connections off (50% of the connections)",
        ),
        ("slow_close", {"attributes": {"delay": 9}}, "kept connections from closing for 9 ms"),
        ("limit_data", {"attributes": {"bytes": 9}}, "cut every connection off after 9 bytes"),
        ("down", None, "refused every connection"),
        ("drip", {"attributes": {}}, "put drip on it"),
        ("latency", {}, "delayed answers by ? ms"),
    ],
)
def test_a_fault_in_plain_words(fault: str, toxic: Any, says: str) -> None:
    assert plainly({"fault": fault, "toxic": toxic}) == says


@pytest.mark.parametrize(
    ("evidence", "says"),
    [
        (
            {"bit": True, "measured": {"added_ms": 402.4, "hits": 3, "samples": 3}},
            "+402 ms measured on 3 of 3 connections",
        ),
        (
            {"bit": True, "measured": {"added_ms": 2001, "hits": 3, "samples": 3, "note": "a lower bound"}},
            "at least +2,001 ms measured on 3 of 3 connections",
        ),
        ({"bit": True, "measured": {"resets": 4, "hits": 4, "samples": 5}}, "reset on 4 of 5 connections"),
        ({"bit": False, "measured": {"hits": 0, "samples": 3}}, "no effect on 3 connections"),
        ({"bit": None, "measured": {"why": "out of reach"}}, "could not be measured: out of reach"),
        ({"bit": True}, "seen"),
    ],
)
def test_a_measurement_in_words(evidence: dict[str, Any], says: str) -> None:
    assert measured({**evidence, "confirmed": True}) == f"{says} (confirmed by the server)"


def test_settings_of_a_toxic_in_words() -> None:
    toxic = {"attributes": {"latency": 400}, "stream": "upstream", "toxicity": 0.5}
    assert attributes({"toxic": toxic, "seed": 3}) == "latency 400, upstream, 50% of connections, seed 3 (not honoured)"
    assert attributes({"toxic": None}) == ""


@pytest.mark.parametrize(
    ("zone", "says"),
    [("UTC", "03:10:41 UTC"), ("Asia/Kolkata", "08:40:41 +05:30"), ("America/St_Johns", "23:40:41 -03:30")],
)
def test_a_time_has_its_zone(monkeypatch: pytest.MonkeyPatch, zone: str, says: str) -> None:
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    assert moment("2026-11-22T03:10:41.5+00:00") == says
    assert moment("2026-11-22T03:10:41") == "03:10:41 (no zone)" and moment("x") == "x"
