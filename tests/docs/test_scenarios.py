"""Every experiment has its page and its row in docs/scenarios, with what was really seen (by `scripts/scenarios`)."""

from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
SCENARIOS = ROOT / "docs" / "scenarios"
READ = {file.stem: yaml.safe_load(file.read_text()) for file in (ROOT / "experiments").glob("*.yaml")}


@pytest.mark.parametrize("name", READ)
def test_an_experiment_has_its_page_and_its_row_with_what_was_seen(name: str) -> None:
    title, page = READ[name]["title"], (SCENARIOS / f"{name}.md").read_text()
    (ours,) = (one for one in READ[name]["extensions"] if one["name"] == "chaostoolkit-ext")
    assert page.startswith(f"# {title}\n")
    assert all(part in page for part in ("**What was seen** on 20", " fault ", " after ", "**What it taught.**"))
    assert "HELD" in page
    assert ("DEVIATED" in page) is ("next" in ours)
    row = ours["row"]
    told = f"| {row['fault']} | {row['link']} | {row['expects']} | [{title}]({name}.md) |"
    assert told in (SCENARIOS / "README.md").read_text()


def test_no_page_is_of_an_experiment_that_is_gone() -> None:
    assert {file.stem for file in SCENARIOS.glob("*.md")} == {*READ, "README"}
