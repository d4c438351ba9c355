"""A run that Chaos Toolkit ended before it loaded our control is noted under `chaos enable`."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.joins("cli", "record")

EMPTY = {"title": "Fine", "description": "nothing", "method": []}


@pytest.mark.parametrize(
    ("wrong", "source"),
    [
        (["fine.json", "--no-such-option"], "fine.json"),
        (["fine.json", "--var-file", "no-such-file"], "fine.json"),
        (["--var-file", "broken.yaml", "fine.json"], "fine.json"),
        (["fine.json", "--var", "x"], "fine.json"),
        ([], "?"),
    ],
)
def test_a_run_that_ended_before_our_control_was_loaded_is_the_last_one(
    chaos: Callable[..., Any], tmp_path: Path, wrong: list[str], source: str
) -> None:
    """A wrong option, a file of variables that cannot be read: Chaos Toolkit ends before it loads any control."""
    home = {"HOME": str(tmp_path)}
    (tmp_path / "fine.json").write_text(json.dumps(EMPTY))
    (tmp_path / "broken.yaml").write_text("- x")
    assert chaos("run", *wrong, **home).returncode
    assert "no record" in chaos("gate", "last", **home).stderr, "it was not enabled"
    assert chaos("enable", **home).returncode == 0 == chaos("run", "fine.json", **home).returncode
    for harmless in ("--help", "fine.json"):
        assert chaos("run", harmless, **home).returncode == 0 == chaos("gate", "last", **home).returncode
    assert chaos("run", *wrong, **home).returncode
    done = chaos("gate", "last", **home)
    assert done.returncode == 3 and done.stdout.startswith(f"NOT BEGUN  {source}\n"), done.stdout
