"""A user's `./probes` lives beside ours, whatever it looks like (docs/decisions/0001-faces-and-doors.md)."""

import subprocess
import sys
from pathlib import Path

import pytest

CODE = """
import logging; logging.basicConfig(level=logging.WARNING, format="%(message)s")
import chaoslib_ext.cli.plugins
import importlib
for name in {names!r}:
    try: print(importlib.import_module(name).__file__)
    except ImportError as error: print("lost", error)
"""


def imported(folder: Path, *names: str) -> subprocess.CompletedProcess[str]:
    """Import the names with `folder` first on the path, after the host has loaded our commands."""
    command = [sys.executable, "-c", CODE.format(names=names)]
    return subprocess.run(command, capture_output=True, text=True, env={"PYTHONPATH": str(folder)}, check=True, cwd="/")


def face_module() -> str:
    import probes

    return next(file.stem for file in sorted(Path(probes.__path__[0]).glob("*.py")) if file.stem != "__init__")


@pytest.mark.parametrize("package", [True, False], ids=["with __init__.py", "a plain folder"])
def test_both_are_found(tmp_path: Path, package: bool) -> None:
    theirs = tmp_path / "probes"
    theirs.mkdir()
    (theirs / "mine.py").write_text("")
    if package:
        (theirs / "__init__.py").write_text("print('imported')\n")
    ours = face_module()
    shown = imported(tmp_path, "probes.mine", f"probes.{ours}").stdout
    assert str(theirs / "mine.py") in shown
    assert f"{ours}.py" in shown
    assert "lost" not in shown


def test_nothing_of_the_users_is_imported_before_it_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "probes").mkdir()
    (tmp_path / "probes" / "__init__.py").write_text("print('imported')\n")
    assert imported(tmp_path).stdout == ""


def test_a_package_that_was_imported_early_is_opened_too(tmp_path: Path) -> None:
    (tmp_path / "actions").mkdir()
    (tmp_path / "actions" / "__init__.py").write_text("")
    code = "import actions, chaoslib_ext.cli.plugins as p; p.keep_open(); print(len(actions.__path__))"
    command = [sys.executable, "-c", code]
    done = subprocess.run(
        command, capture_output=True, text=True, env={"PYTHONPATH": str(tmp_path)}, check=True, cwd="/"
    )
    assert done.stdout == "2\n"


def test_a_file_of_that_name_is_told_with_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "probes.py").write_text("")
    shown = imported(tmp_path, "probes")
    assert f"your file {tmp_path}/probes.py hides the probes of chaostoolkit-ext; rename it" in shown.stderr


def test_a_module_that_hides_one_of_ours_is_told(tmp_path: Path) -> None:
    ours = face_module()
    (tmp_path / "probes").mkdir()
    (tmp_path / "probes" / "__init__.py").write_text("")
    (tmp_path / "probes" / f"{ours}.py").write_text("")
    assert f"hides probes.{ours} of chaostoolkit-ext" in imported(tmp_path, f"probes.{ours}").stderr


def test_the_doors_import_nothing_of_ours() -> None:
    code = "import sys, chaoslib_ext._doors; print(sorted(n for n in sys.modules if n.startswith('chaoslib_ext')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "['chaoslib_ext', 'chaoslib_ext._doors']\n"
