"""A plan in words."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chaoslib_ext.cli._plan_text import lines
from chaoslib_ext.plan.experiment import Loaded
from chaoslib_ext.plan.plan import Plan, plan


@pytest.fixture
def offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Plan:
    monkeypatch.chdir(tmp_path)
    provider: dict[str, Any] = {"type": "python", "module": "actions.toxics", "func": "add_latency"}
    provider["arguments"] = {
        "proxy": [f"p{n}" for n in range(9)],
        "latency_ms": 40,
        "duration": "30s",
        "toxicity": 0.25,
    }
    action = {"type": "action", "name": "slow", "provider": provider}
    return plan(Loaded(Path("x.yaml"), {"title": "Does it hold?", "method": [action]}), offline=True)


def test_what_would_happen_comes_first_and_the_answer_last(offline: Plan) -> None:
    told = lines(offline)
    assert told[0] == "Does it hold?"
    assert told[1] == (
        "Would inject   latency 40 ms, downstream, 25% of connections, on p0, p1, p2, p3, p4, p5 and 3 more "
        "(25 % of their connections), at most 30 s"
    )
    assert told[2] == "Would undo     remove toxic cx-RUN-latency from p0 on its server (reversible)"
    assert told[8] == "               ... and 3 more (--json shows all)"
    assert told[9] == "Allowed by     no policy: everything is allowed"
    assert told[-1] == "Nothing that can be told offline speaks against it. Nothing was changed."


def test_what_speaks_against_it_is_counted(offline: Plan) -> None:
    told = lines(replace(offline, problems=("first\nsecond line", "other"), offline=False))
    assert told[-4:] == [
        "Against it     first",
        "               second line",
        "               other",
        "Would not run, for 2 reasons. Nothing was changed.",
    ]


def test_without_our_control_it_says_what_is_missing(offline: Plan) -> None:
    assert any(line.startswith("Control        none of ours: nothing is recorded") for line in lines(offline))
