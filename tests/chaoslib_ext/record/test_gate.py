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
