"""Samples made by hand: what a method makes of them is pure."""

from collections.abc import Callable
from typing import Any

import pytest

from chaoslib_ext.faults.effects import METHODS, Asked, Baseline, Method
from chaoslib_ext.faults.link import Sample
from chaoslib_ext.faults.questions import HTTP, Question


@pytest.fixture
def method() -> Callable[..., Method]:
    def make(kind: str, stream: str = "downstream", question: Question | None = HTTP, **attributes: int) -> Method:
        return METHODS[kind](Asked(kind, attributes, stream), question)

    return make


@pytest.fixture
def base() -> Callable[..., Baseline]:
    def make(*end_ms: float, **more: Any) -> Baseline:
        facts = {"end": "answered", "first_ms": 1.0, "size": 5000, "pieces": 1, **more}
        return Baseline(tuple(Sample(end_ms=one, **facts) for one in end_ms or (3.0, 3.0, 4.0)))

    return make
