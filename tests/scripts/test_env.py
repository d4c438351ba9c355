"""scripts/env.sh: an environment is made once, and what it lacks is said in words."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

MADE_FROM = ("pyproject.toml", "constraints.txt", "scripts/env.sh", "scripts/top_level.py")


@pytest.fixture
def clone(checkout: Path, tmp_path: Path) -> Path:
    """A clone with nothing in it but what the environment is made from."""
    for name in MADE_FROM:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(checkout / name, tmp_path / name)
    return tmp_path


def prepare(clone: Path, path: Path | None = None, extras: str = "lab") -> subprocess.CompletedProcess[str]:
    """What `prepare EXTRAS` prints with that folder first on the PATH."""
    tools = os.pathsep.join([*([str(path)] if path else []), "/usr/bin", "/bin"])
    script = f"source scripts/env.sh && prepare {extras} && echo ready at $VENV"
    command = ["env", "-i", f"PATH={tools}", f"HOME={clone}", "bash", "-c", script]
    return subprocess.run(command, cwd=clone, capture_output=True, text=True)


def program(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"#!/bin/sh\n{text}\n")
    file.chmod(0o755)


def test_no_python_that_is_new_enough_is_said_with_what_to_do(clone: Path, tmp_path: Path) -> None:
    for version in ("", ".11", ".12", ".13", ".14"):
        program(tmp_path / "old" / f"python3{version}", "exit 1")
    made = prepare(clone, tmp_path / "old")
    assert made.returncode == 1
    assert "No Python 3.11 or newer on the PATH; install one, or name it: PYTHON=" in made.stderr
    assert not (clone / ".venv").exists()


def fake_python(tmp_path: Path, pip: str) -> Path:
    """A Python that is new enough and makes an environment whose pip does what is said."""
    make = f'mkdir -p "$4/bin" && printf "#!/bin/sh\\n{pip}\\n" > "$4/bin/python" && chmod +x "$4/bin/python"'
    program(tmp_path / "new" / "python3", f'[ "$1" = "-m" ] && {{ {make}; exit; }}\nexit 0')
    return tmp_path / "new"


def test_a_failed_installation_shows_what_pip_said_and_is_tried_again(clone: Path, tmp_path: Path) -> None:
    made = prepare(clone, fake_python(tmp_path, "echo no such package; exit 1"))
    assert made.returncode == 1
    assert "no such package" in made.stderr
    assert "Needed: a package registry that pip can reach, and Python's venv module" in made.stderr
    again = prepare(clone, fake_python(tmp_path, "exit 0"))
    assert "Setting up .venv" in again.stdout
    assert again.returncode == 0


def test_an_environment_is_made_once_until_what_it_is_made_from_changes(clone: Path, tmp_path: Path) -> None:
    python = fake_python(tmp_path, "exit 0")
    assert "Setting up .venv" in prepare(clone, python, "lab,test").stdout
    for extras in ("lab,test", "lab"):  # what tests need contains what the demo needs
        assert prepare(clone, python, extras).stdout == f"ready at {clone}/.venv\n"
    with (clone / "constraints.txt").open("a") as constraints:
        constraints.write("# changed\n")
    assert "Setting up .venv" in prepare(clone, python, "lab,test").stdout
