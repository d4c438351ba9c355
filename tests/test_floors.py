"""Who may import whom: the contracts in pyproject.toml, checked (docs/whats-here.md draws the floors)."""

import subprocess
import sys
from pathlib import Path


def test_imports_only_go_downwards(checkout: Path) -> None:
    """In a process of its own: import-linter switches off every logger of the process that it runs in."""
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    done = subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
