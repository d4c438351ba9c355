"""Every experiment we ship, through the real `chaos run` in a child process, against a lab: it ends as it promises."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

pytestmark = [pytest.mark.joins("faults", "postgresql", "valkey"), pytest.mark.joins("control", "lab", "host")]

EXPERIMENTS = Path(__file__).parents[2] / "experiments"
CHAOS = [str(Path(sys.executable).with_name("chaos")), "--no-version-check"]

SLOW_PAYMENT = "does-checkout-survive-a-slow-payment-provider.yaml"
CACHE_GONE = "does-the-storefront-answer-when-the-cache-is-gone.yaml"
DISTANT_DATABASE = "does-checkout-answer-within-a-second-when-the-database-is-100-ms-away.yaml"


@dataclass
class Desk:
    """A terminal in a folder of its own, with a lab up."""

    folder: Path
    env: Mapping[str, str]

    def chaos(self, *args: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*CHAOS, *args], cwd=self.folder, env=self.env, capture_output=True, text=True, timeout=90, check=False
        )

    def run(self, experiment: str, *options: str) -> tuple[int, dict[str, Any]]:
        journal = self.folder / "journal.json"
        ran = self.chaos(*options, "run", "--journal-path", str(journal), str(EXPERIMENTS / experiment))
        assert "Traceback" not in ran.stdout + ran.stderr
        return ran.returncode, json.loads(journal.read_text())

    def verdicts(self) -> list[str]:
        """Of all runs so far, the newest first."""
        return [record["verdict"] for record in json.loads(self.chaos("journal", "list", "--json").stdout)]

    def toxics_left(self) -> list[str]:
        stands = json.loads(self.chaos("lab", "status", "--json").stdout)
        return [toxic for link in stands["links"] for toxic in link["toxics"]] + [
            link["name"] for link in stands["links"] if link["state"] != "open"
        ]


def desk_in(folder: Path) -> Desk:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CHAOS_", "TOXIPROXY"))}
    folders = {"CHAOS_STATE_DIR": str(folder / "state"), "CHAOS_JOURNAL_DIR": str(folder / "journal")}
    return Desk(folder, {**kept, **folders, "HOME": str(folder), "CHAOS_LAB_PORTS": "free", "NO_COLOR": "1"})


@pytest.fixture(scope="module")
def with_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    desk = desk_in(tmp_path_factory.mktemp("desk"))
    up = desk.chaos("lab", "up")
    assert up.returncode == 0, up.stderr
    yield desk
    assert desk.chaos("lab", "down").returncode == 0


@pytest.fixture
def desk(with_lab: Desk) -> Iterator[Desk]:
    yield with_lab
    with_lab.chaos("lab", "soften", "--all")


def test_every_experiment_has_a_test_here() -> None:
    there = {file.name for file in EXPERIMENTS.iterdir() if file.suffix == ".yaml"}
    assert there == {SLOW_PAYMENT, CACHE_GONE, DISTANT_DATABASE}


@pytest.mark.parametrize("file", sorted(EXPERIMENTS.glob("*.json")), ids=lambda file: file.stem)
def test_the_same_experiment_as_json_says_the_same(file: Path) -> None:
    assert json.loads(file.read_text()) == yaml.safe_load(file.with_suffix(".yaml").read_text())


@pytest.mark.parametrize("file", sorted(EXPERIMENTS.iterdir()), ids=lambda file: file.name)
def test_the_host_finds_it_valid_also_without_a_lab(file: Path, tmp_path: Path) -> None:
    checked = desk_in(tmp_path).chaos("validate", str(file))
    assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize("file", sorted(EXPERIMENTS.glob("*.yaml")), ids=lambda file: file.stem)
def test_its_title_is_a_question_and_its_name_is_the_title(file: Path) -> None:
    title = yaml.safe_load(file.read_text())["title"]
    assert title.endswith("?")
    assert file.stem == "-".join(title.rstrip("?").lower().split())


@pytest.mark.parametrize("experiment", [CACHE_GONE, CACHE_GONE.replace(".yaml", ".json"), DISTANT_DATABASE])
def test_it_holds(desk: Desk, experiment: str) -> None:
    code, journal = desk.run(experiment)
    assert (code, journal["status"], journal["deviated"]) == (0, "completed", False)
    assert journal["run"][0]["output"]["faults"][0]["bit"] is True
    assert desk.verdicts()[0] == "held"
    assert desk.toxics_left() == []


def test_checkout_does_not_survive_a_slow_payment_provider_until_it_is_hardened(desk: Desk) -> None:
    code, journal = desk.run(SLOW_PAYMENT)
    assert (code, journal["status"], journal["deviated"]) == (1, "completed", True)
    assert journal["steady_states"]["after"]["probes"][0]["output"] == 1.0
    assert desk.toxics_left() == []

    assert desk.chaos("lab", "harden", "payment-timeout").returncode == 0
    code, journal = desk.run(SLOW_PAYMENT)
    assert (code, journal["status"], journal["deviated"]) == (0, "completed", False)
    assert desk.verdicts()[:2] == ["held", "deviated"]
    assert desk.toxics_left() == []


def test_with_our_control_enabled_too_there_is_still_one_record_of_a_run(desk: Desk, tmp_path: Path) -> None:
    before = len(desk.verdicts())
    settings = tmp_path / "settings.yaml"
    control = {"ext": {"provider": {"type": "python", "module": "chaoslib_ext.control"}}}
    settings.write_text(yaml.safe_dump({"controls": control}))
    code, journal = desk.run(CACHE_GONE, "--settings", str(settings))
    assert code == 0
    assert len(journal["run"]) == 1
    assert len(desk.verdicts()) == before + 1


def test_without_a_lab_it_refuses_and_says_how_to_bring_one_up(tmp_path: Path) -> None:
    ran = desk_in(tmp_path).chaos("run", str(EXPERIMENTS / SLOW_PAYMENT))
    assert ran.returncode == 1
    assert "chaos lab up" in ran.stdout + ran.stderr
    assert "Traceback" not in ran.stdout + ran.stderr
