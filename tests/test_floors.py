"""Who may import whom: the contracts in pyproject.toml, checked (docs/whats-here.md draws the floors)."""

from pathlib import Path

import pytest
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports


def test_imports_only_go_downwards(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status = lint_imports(config_filename=str(checkout / "pyproject.toml"), no_cache=True)
    assert status == EXIT_STATUS_SUCCESS, capsys.readouterr().out
