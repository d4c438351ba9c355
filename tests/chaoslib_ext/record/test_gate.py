"""A ruling says what was looked at and why, and is never greener than the journal."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chaoslib_ext.model import Verdict
from chaoslib_ext.record.gate import rule

WORDS = st.sampled_from(
    ["experiment", "status", "run", "steady_states", "before", "after", "extensions", "name", "verdict", "probes"]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS | st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)
MORE = st.dictionaries(WORDS, JSON, max_size=4)


@settings(max_examples=200, deadline=None)
@given(
    status=st.sampled_from(["completed", "failed", "interrupted", "aborted", ""]),
    run=st.lists(JSON, max_size=3),
    states=MORE,
    more=MORE,
)
def test_no_journal_makes_it_crash(
    tmp_path_factory: pytest.TempPathFactory, status: str, run: list[object], states: object, more: dict[str, object]
) -> None:
    file = tmp_path_factory.getbasetemp() / "odd.json"
    file.write_text(json.dumps({**more, "experiment": {}, "status": status, "run": run, "steady_states": states}))
    ruling = rule(str(file))
    assert ruling.reasons or ruling.verdict is Verdict.HELD


def test_it_says_what_it_looked_at(tmp_path: Path) -> None:
    file = tmp_path / "odd.json"
    file.write_text("{}")
    ruling = rule(str(file))
    assert ruling.of == str(file) and ruling.verdict is None and "without experiment, status" in ruling.reasons[0]


def step(output: object, kind: str = "action", provider: str = "python", **more: object) -> dict[str, object]:
    activity = {"type": kind, "name": "step", "provider": {"type": provider}, **more}
    return {"activity": activity, "output": output, "status": "succeeded"}


@pytest.mark.parametrize(
    ("part", "played", "verdict"),
    [
        ("run", step({"status": 2}, provider="process"), Verdict.ERROR),
        ("run", step({"status": 503}, provider="http"), Verdict.ERROR),
        ("rollbacks", step({"status": 2}, provider="process"), Verdict.UNDO_FAILED),
        ("run", step(False, "probe", tolerance=True), Verdict.DEVIATED),
        ("run", step(7, "probe", tolerance={"type": "range", "range": [0, 5]}), Verdict.DEVIATED),
        ("run", step(None, "probe", tolerance=[0, 5]), Verdict.DEVIATED),
        ("run", step({"status": 1}, provider="process", tolerance=[0, 1]), Verdict.HELD),
        ("run", step(3, "probe", tolerance=[0, 5]), Verdict.HELD),
        ("run", step(3, "probe", tolerance="${limit}"), Verdict.HELD),
        ("run", step(3, "probe", tolerance={"type": "probe", "name": "asks", "provider": {}}), Verdict.HELD),
    ],
)
def test_what_the_host_passes_over_is_seen_in_a_journal_of_its_own(
    tmp_path: Path, part: str, played: object, verdict: Verdict
) -> None:
    file = tmp_path / "journal.json"
    journal = {"experiment": {}, "status": "completed", "deviated": False, "run": [], "steady_states": {}}
    file.write_text(json.dumps({**journal, part: [played]}))
    assert rule(str(file)).verdict is verdict
