"""A desk with a lab up, at which experiments are run as a person would run them."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

EXPERIMENTS = Path(__file__).parents[2] / "experiments"
CHAOS = [str(Path(sys.executable).with_name("chaos")), "--no-version-check"]


@dataclass
class Desk:
    """A terminal in a folder of its own, with a lab up."""

    folder: Path
    env: Mapping[str, str]

    def chaos(self, *args: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*CHAOS, *args], cwd=self.folder, env=self.env, capture_output=True, text=True, timeout=90, check=False
        )

    def run(self, experiment: str, *options: str, settings: str | None = None) -> tuple[int, dict[str, Any]]:
        journal = self.folder / "journal.json"
        before = ["--settings", settings] if settings else []
        ran = self.chaos(*before, "run", "--journal-path", str(journal), *options, str(EXPERIMENTS / experiment))
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


@pytest.fixture
def bare_desk(tmp_path: Path) -> Desk:
    """A desk without a lab."""
    return desk_in(tmp_path)


@pytest.fixture
def promised(desk: Desk) -> Callable[..., dict[str, Any]]:
    """promised(experiment, verdict): run it, see it end so and leave nothing; its journal."""

    def run(experiment: str, verdict: str, *options: str) -> dict[str, Any]:
        code, journal = desk.run(experiment, *options)
        assert desk.verdicts()[0] == verdict
        assert code == (0 if verdict == "held" else 1)
        assert desk.toxics_left() == []
        return journal

    return run
