"""Every experiment we ship, through the real `chaos run` in a child process, against a lab: form, and those that hold.

Those that deviate until the shop is hardened are run in `test_weaknesses.py`.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

pytestmark = [pytest.mark.joins("faults", "postgresql", "valkey"), pytest.mark.joins("control", "lab", "host")]

EXPERIMENTS = Path(__file__).parents[2] / "experiments"
FILES = sorted([*EXPERIMENTS.glob("*.yaml"), *EXPERIMENTS.glob("*.json")])
READ = {file.stem: yaml.safe_load(file.read_text()) for file in EXPERIMENTS.glob("*.yaml")}
SLOW_PAYMENT = "does-checkout-survive-a-slow-payment-provider.yaml"
CACHE_GONE = "does-the-storefront-answer-when-the-cache-is-gone"

HOLDS = [
    f"{CACHE_GONE}.yaml",
    f"{CACHE_GONE}.json",
    "does-checkout-answer-within-a-second-when-the-database-is-100-ms-away.yaml",
    "does-checkout-keep-its-pace-on-a-jittery-network.yaml",
    "does-the-home-page-come-in-time-over-a-thin-line.yaml",
    "does-a-cart-arrive-whole-in-small-pieces.yaml",
    "does-the-home-page-come-when-the-cache-breaks-off-in-the-middle.yaml",
    "does-checkout-take-orders-right-after-its-orders-service-flapped.yaml",
]


def ours(experiment: dict[str, Any]) -> dict[str, Any]:
    (extension,) = (one for one in experiment["extensions"] if one["name"] == "chaostoolkit-ext")
    return dict(extension)


def test_every_experiment_is_run_here_or_cures_a_weakness() -> None:
    deviating = {name for name, read in READ.items() if "next" in ours(read)}
    assert {Path(name).stem for name in HOLDS} == set(READ) - deviating
    assert len(READ) >= 12
    assert len(deviating) >= 6


def test_none_shares_its_row_of_fault_link_and_expectation() -> None:
    rows = [tuple(ours(read)["row"][part] for part in ("fault", "link", "expects")) for read in READ.values()]
    assert len(set(rows)) == len(rows)
    kinds = {"slow", "jittery", "throttled", "cut", "reset", "half-open", "flapping", "limited", "sliced"}
    assert {fault for fault, _, _ in rows} >= kinds


@pytest.mark.parametrize("file", sorted(EXPERIMENTS.glob("*.json")), ids=lambda file: file.stem)
def test_the_same_experiment_as_json_says_the_same(file: Path) -> None:
    assert json.loads(file.read_text()) == yaml.safe_load(file.with_suffix(".yaml").read_text())


def test_two_are_there_as_json_too() -> None:
    assert len(list(EXPERIMENTS.glob("*.json"))) >= 2


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_the_host_finds_it_valid_also_without_a_lab(file: Path, bare_desk: Any) -> None:
    checked = bare_desk.chaos("validate", str(file))
    assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize("name", READ)
def test_its_title_is_a_question_and_its_name_is_the_title(name: str) -> None:
    title = READ[name]["title"]
    assert title.endswith("?")
    assert name == "-".join(title.rstrip("?").lower().split())


def _is_lost_in_noise(fault: dict[str, Any]) -> bool:
    """On a machine this busy the link itself varies by more than the fault adds, and the record says so."""
    return fault["bit"] is None and "this link varies by" in str(fault["measured"])


@pytest.mark.parametrize("experiment", HOLDS)
def test_it_holds(promised: Callable[..., dict[str, Any]], experiment: str) -> None:
    journal = promised(experiment, "held")
    faults = [fault for step in journal["run"] if step["activity"]["type"] == "action" for fault in told(step)]
    assert faults
    assert all(fault["bit"] is True or _is_lost_in_noise(fault) for fault in faults)


def told(step: dict[str, Any]) -> list[dict[str, Any]]:
    return list(step["output"].get("faults", ()))


def test_the_full_profile_asks_more_often_with_numbers_that_are_numbers(
    promised: Callable[..., dict[str, Any]],
) -> None:
    journal = promised(f"{CACHE_GONE}.yaml", "held", "--var-file", str(EXPERIMENTS / "profiles" / "full.yaml"))
    assert journal["run"][0]["output"]["faults"][0]["duration_s"] == 120


@pytest.mark.parametrize("name", READ)
def test_by_itself_it_is_quick_no_fault_is_in_for_more_than_20_s(name: str) -> None:
    """Each fault ends by `fault_for`, or (flapping) by its own cycles; the quick profile says no more than that."""
    quick = yaml.safe_load((EXPERIMENTS / "profiles" / "quick.yaml").read_text())["configuration"]
    assert READ[name]["configuration"]["fault_for"] == quick["fault_for"] == "20s"
    actions = [step["provider"] for step in READ[name]["method"] if step["type"] == "action"]
    faults = [one["arguments"] for one in actions if one["func"] != "remove"]
    assert faults
    for asked in faults:
        flaps = asked.get("times", 99) * sum(float(asked.get(part, "99s")[:-1]) for part in ("down_for", "up_for"))
        assert asked.get("duration") == "${fault_for}" or flaps <= 20, asked


@pytest.mark.parametrize("profile", sorted((EXPERIMENTS / "profiles").glob("*.yaml")), ids=lambda file: file.stem)
def test_a_profile_sets_only_what_every_experiment_has(profile: Path) -> None:
    for read in READ.values():
        assert set(yaml.safe_load(profile.read_text())["configuration"]) <= set(read["configuration"])


def test_with_our_control_enabled_too_there_is_still_one_record_of_a_run(desk: Any, tmp_path: Path) -> None:
    before = len(desk.verdicts())
    settings = tmp_path / "settings.yaml"
    control = {"ext": {"provider": {"type": "python", "module": "chaoslib_ext.control"}}}
    settings.write_text(yaml.safe_dump({"controls": control}))
    code, journal = desk.run(f"{CACHE_GONE}.yaml", settings=str(settings))
    assert code == 0
    assert len(journal["run"]) == 1
    assert len(desk.verdicts()) == before + 1


def test_without_a_lab_it_refuses_and_says_how_to_bring_one_up(bare_desk: Any) -> None:
    ran = bare_desk.chaos("run", str(EXPERIMENTS / SLOW_PAYMENT))
    assert ran.returncode == 1
    assert "chaos lab up" in ran.stdout + ran.stderr
    assert "Traceback" not in ran.stdout + ran.stderr
