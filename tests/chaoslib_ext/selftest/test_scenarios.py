"""The small runs are real experiments for the real host."""

import json
import subprocess
from pathlib import Path

import pytest

from chaoslib_ext.selftest import scenarios
from chaoslib_ext.selftest.point import parse
from chaoslib_ext.selftest.scenarios import ALL, Scenario
from chaoslib_ext.selftest.victim import chaos, environment


@pytest.mark.parametrize("one", [one for one in ALL if one.kind == "run"], ids=lambda one: one.name)
def test_its_experiment_is_valid(one: Scenario, folder: Path) -> None:
    command = one.command(folder)
    assert "chaostoolkit" in command and "run" in command
    validated = subprocess.run(
        chaos("validate", "experiment.json"),
        cwd=folder,
        env=environment(folder, "http://127.0.0.1:1"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert validated.returncode == 0, validated.stderr
    experiment = json.loads((folder / "experiment.json").read_text())
    last = experiment["method"][-1]["provider"]["arguments"]
    assert one.last is None or last == {"name": one.last, "with_watchdog": one.with_watchdog}


def test_each_is_found_by_its_name_and_what_is_done_to_it_is_a_point() -> None:
    for one in ALL:
        assert scenarios.named(one.name) is one
        for strike in one.strikes:
            parse(strike.at)
    assert scenarios.named("walk") is None
