"""Every two parts that meet are tried together by a test, and tests/README.md names it."""

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).parent.parent / "scripts" / "test_matrix.py"


@pytest.fixture
def matrix() -> ModuleType:
    spec = importlib.util.spec_from_file_location("test_matrix_script", SCRIPT)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_no_pair_is_without_a_test_and_the_table_is_fresh() -> None:
    done = subprocess.run([sys.executable, str(SCRIPT), "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_arrows_are_those_of_the_imports(matrix: ModuleType) -> None:
    found = matrix.arrows()
    assert {("actions", "faults"), ("faults", "proxy"), ("faults", "undo"), ("reports", "record")} <= found
    assert ("proxy", "faults") not in found and ("actions", "proxy") not in found


def test_a_hole_a_stale_table_and_a_strange_part_are_found(tmp_path: Path) -> None:
    """In a small house of its own."""
    for name in ("one", "two"):
        (tmp_path / "chaoslib_ext" / name).mkdir(parents=True)
        (tmp_path / "chaoslib_ext" / name / "__init__.py").touch()
    (tmp_path / "chaoslib_ext" / "one" / "a.py").write_text("def f():\n    from chaoslib_ext.two import b\n")
    for name in ("tests", "scripts"):
        (tmp_path / name).mkdir()
    text = SCRIPT.read_text()
    begin, end = text.index("OUTSIDE = ("), text.index('"""Pairs that no import')
    script = tmp_path / "scripts" / "test_matrix.py"
    script.write_text(text[:begin] + "OUTSIDE = ()\n" + text[end:])
    page = tmp_path / "tests" / "README.md"
    page.write_text("head\n<!-- matrix: written by scripts/test-matrix -->\n<!-- end of the matrix -->\ntail\n")
    test = tmp_path / "tests" / "test_x.py"

    def check(*words: str) -> tuple[int, str]:
        done = subprocess.run([sys.executable, str(script), *words], capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr

    code, said = check("--check")
    assert code == 1 and "no test joins one and two" in said and "stale" in said
    test.write_text("@pytest.mark.joins('one', 'two')\ndef test_a(): ...\n")
    assert check()[0] == 0 and check("--check")[0] == 0
    assert "| one | two | [test_x.py::test_a](test_x.py) |" in page.read_text()
    assert page.read_text().startswith("head\n") and page.read_text().endswith("\ntail\n")
    test.write_text("pytestmark = [pytest.mark.joins('one', 'two'), pytest.mark.joins('one', 'tow')]\n")
    code, said = check("--check")
    assert code == 1 and "joins names tow, which is no part (known: " in said and "stale" in said
    shutil.rmtree(tmp_path / "tests")
