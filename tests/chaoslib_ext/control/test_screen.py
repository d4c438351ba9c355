"""What a person sees while a run goes on; it never stops one."""

import io
import sys
from typing import Any

import pytest

from chaoslib_ext.control.screen import Screen, complain

pytestmark = pytest.mark.joins("control", "reports")

RUN = {
    "activity": {"name": "answers", "tolerance": 1, "type": "probe"},
    "output": 1,
    "status": "succeeded",
    "duration": 0.3,
}
EVIDENCE = {
    "fault": "latency",
    "target": {"proxy": "payment"},
    "toxic": {"attributes": {"latency": 400}, "stream": "downstream"},
    "confirmed": True,
    "bit": True,
    "measured": {"added_ms": 402.3, "hits": 3, "samples": 3},
}


def event(kind: str, **data: Any) -> dict[str, Any]:
    return {"kind": kind, "data": data}


def test_each_phase_is_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    screen = Screen()
    screen.show(event("activity.completed", n=1, where="before", run=RUN))
    probes = [{"n": 1, "name": "answers", "tolerance_met": True}]
    screen.show(event("hypothesis.before", steady_state_met=True, probes=probes))
    screen.show(event("fault.measured", **EVIDENCE))
    screen.show(
        event("activity.completed", n=2, where="method", run={**RUN, "activity": {"name": "wait", "type": "action"}})
    )
    screen.show(event("activity.completed", n=3, where="method", run={**RUN, "output": {"faults": [EVIDENCE]}}))
    screen.show(event("fault.undone", says="remove toxic x", status="undone", verified=True, seconds=0.2, by="runner"))
    assert capsys.readouterr().out.splitlines() == [
        " baseline   ✓ 0.3 s   answers: 1",
        " fault      ✓ latency (latency 400, downstream) on payment: +402 ms measured on 3 of 3 connections"
        " (confirmed by the server)",
        " action     ✓ 0.3 s   wait: 1",
        " undo       ✓ 0.2 s   remove toxic x: verified",
    ]


def test_an_event_it_does_not_understand_is_said_and_no_more(capsys: pytest.CaptureFixture[str]) -> None:
    Screen().show(event("fault.measured", target=None))
    Screen().show(event("something.new"))
    assert "cannot show fault.measured" in capsys.readouterr().err


def test_a_reader_that_went_away_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    class Gone:
        def isatty(self) -> bool:
            return False

        def write(self, text: str) -> int:
            raise BrokenPipeError

        def flush(self) -> None:
            raise BrokenPipeError

    monkeypatch.setattr(sys, "stderr", Gone())
    complain("nobody hears this")


def test_no_stream_at_all_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", None)
    complain("nobody hears this")
    closed = io.StringIO()
    closed.close()
    monkeypatch.setattr(sys, "stderr", closed)
    complain("nor this")


def test_a_terminal_without_our_marks_gets_the_words(monkeypatch: pytest.MonkeyPatch) -> None:
    latin = io.TextIOWrapper(io.BytesIO(), encoding="latin-1")
    monkeypatch.setattr(sys, "stderr", latin)
    complain("\u2713 undone \u2192 caf\u00e9")
    assert latin.buffer.getvalue().decode("latin-1") == "? undone ? caf\u00e9\n"
