"""Each weakness of the shop: its experiment deviates, and holds once the shop is hardened against it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from chaoslib_ext.lab.layout import WEAKNESSES

pytestmark = [pytest.mark.joins("faults", "postgresql", "valkey"), pytest.mark.joins("control", "lab", "host")]

EXPERIMENTS = Path(__file__).parents[2] / "experiments"


def cures() -> dict[str, str]:
    """Experiment -> what it says to harden when it deviates."""
    found = {}
    for file in sorted(EXPERIMENTS.glob("*.yaml")):
        (ours,) = (one for one in yaml.safe_load(file.read_text())["extensions"] if one["name"] == "chaostoolkit-ext")
        if told := ours.get("next", {}).get("deviated"):
            found[file.name] = told.removeprefix("chaos lab harden ").split()[0]
    return found


def test_each_weakness_is_found_by_an_experiment() -> None:
    assert set(cures().values()) == {*WEAKNESSES, "--all"}


@pytest.mark.parametrize(("experiment", "cure"), cures().items(), ids=lambda text: Path(text).stem)
def test_it_deviates_until_the_shop_is_hardened_and_then_holds(
    desk: Any, promised: Callable[..., dict[str, Any]], experiment: str, cure: str
) -> None:
    promised(experiment, "deviated")
    assert desk.chaos("lab", "harden", cure).returncode == 0
    promised(experiment, "held")


def test_the_same_as_json_deviates_too(promised: Callable[..., dict[str, Any]]) -> None:
    promised("is-a-customer-charged-once-when-the-payment-answer-is-lost.json", "deviated")
