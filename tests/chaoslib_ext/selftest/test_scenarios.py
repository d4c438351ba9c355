"""The small runs are real experiments for the real host."""

import json
from pathlib import Path

import pytest
from chaoslib.experiment import ensure_experiment_is_valid

from chaoslib_ext.selftest import scenarios
from chaoslib_ext.selftest.point import parse
from chaoslib_ext.selftest.scenarios import ALL, Scenario


@pytest.mark.parametrize("one", [one for one in ALL if one.kind == "run"], ids=lambda one: one.name)
def test_its_experiment_is_valid(one: Scenario, folder: Path) -> None:
    command = one.command(folder)
    assert "chaostoolkit" in command and "run" in command
    experiment = json.loads((folder / "experiment.json").read_text())
    ensure_experiment_is_valid(experiment)
    last = experiment["method"][-1]["provider"]["arguments"]
    assert one.last is None or last == {"name": one.last, "with_watchdog": one.with_watchdog}


def test_each_is_found_by_its_name_and_what_is_done_to_it_is_a_point() -> None:
    for one in ALL:
        assert scenarios.named(one.name) is one
        for strike in one.strikes:
            parse(strike.at)
    assert scenarios.named("walk") is None
