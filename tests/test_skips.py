"""Under CI a skip that nobody listed fails the session; at the desk it does not."""

import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize(("ci", "code"), [("true", 1), ("", 0)])
def test_an_unlisted_skip_fails_only_in_ci(ci: str, code: int, tmp_path: Path, checkout: Path) -> None:
    (tmp_path / "tests").mkdir()
    for name in ("conftest.py", "skips.txt"):
        (tmp_path / "tests" / name).write_text((checkout / "tests" / name).read_text())
    test = "import pytest\n\ndef test_it():\n    pytest.skip('no such server here')\n"
    (tmp_path / "tests" / "test_it.py").write_text(test)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)]
    ran = subprocess.run(command, cwd=tmp_path, env={**os.environ, "CI": ci}, capture_output=True, text=True)
    assert ran.returncode == code, ran.stdout
    assert ("SKIPPED without leave" in ran.stdout) is bool(code)


def test_a_listed_skip_is_allowed(tmp_path: Path, checkout: Path) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "conftest.py").write_text((checkout / "tests" / "conftest.py").read_text())
    (tmp_path / "tests" / "skips.txt").write_text("# said so\nno * server here\n")
    test = "import pytest\n\n@pytest.mark.skip(reason='no such server here')\ndef test_it():\n    pass\n"
    (tmp_path / "tests" / "test_it.py").write_text(test)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)]
    ran = subprocess.run(command, cwd=tmp_path, env={**os.environ, "CI": "true"}, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout
