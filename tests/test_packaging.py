"""The built wheel in an environment of its own: what it holds, what the host sees, and users' folders beside ours.

The environment is made of links to what is installed here (`scripts/fresh_env.py`), our own checkout left out.
"""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def wheel(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not (checkout / "scripts").is_dir():
        pytest.skip("these tests run from a checkout")
    folder = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder)]
    subprocess.run(build, cwd=checkout, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def python(wheel: Path, checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("env")
    make = [sys.executable, str(checkout / "scripts" / "fresh_env.py"), str(folder), str(wheel)]
    made = subprocess.run(make, check=True, capture_output=True, text=True)
    return Path(made.stdout.strip())


def chaos(python: Path, folder: Path, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run the `chaos` of that environment in that folder."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    command = [str(python.parent / "chaos"), "--no-version-check", *words]
    return subprocess.run(command, cwd=folder, env={**kept, **env}, capture_output=True, text=True)


def test_the_wheel_holds_the_three_packages_their_data_and_the_licence(wheel: Path, checkout: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in names if ".dist-info/" not in name} == {"probes", "actions", "chaoslib_ext"}
    assert [name for name in names if name.endswith(".dist-info/licenses/LICENSE")]
    listed = subprocess.run(["git", "ls-files", "probes", "actions", "chaoslib_ext"], cwd=checkout, capture_output=True)
    assert set(listed.stdout.decode().split()) <= set(names), "a tracked file, a template perhaps, is not in the wheel"


def test_the_host_lists_us_with_our_licence(python: Path, tmp_path: Path) -> None:
    """[24 in docs/decisions/0010-guests-guards-verdicts.md]"""
    shown = chaos(python, tmp_path, "info", "extensions")
    assert shown.returncode == 0, shown.stderr
    (line,) = [line for line in shown.stdout.splitlines() if line.startswith("chaostoolkit-ext ")]
    assert "Apache-2.0" in line


def activities(python: Path, folder: Path, seed: int) -> list[tuple[str, str]]:
    asked = chaos(python, folder, "discover", "--no-install", "chaostoolkit-ext", PYTHONHASHSEED=str(seed))
    assert asked.returncode == 0, asked.stderr
    found = json.loads((folder / "discovery.json").read_text())["activities"]
    return [(one["mod"], one["name"]) for one in found]


def test_discover_lists_the_same_under_any_hash_seed(python: Path, tmp_path: Path) -> None:
    from chaoslib_ext import discover

    expected = [(one["mod"], one["name"]) for one in discover()["activities"]]
    assert expected
    for seed in range(8):
        assert activities(python, tmp_path, seed) == expected, f"PYTHONHASHSEED={seed}"


def test_discover_lists_the_same_from_a_checkout(tmp_path: Path) -> None:
    here = Path(sys.executable)
    assert {len(activities(here, tmp_path, seed)) for seed in range(4)} != {0}


OURS = "probes.proxies"

EXPERIMENT = """
title: Are both found?
description: An action of the user's and a probe of ours, by name.
method:
  - {type: action, name: mine, provider: {type: python, module: probes.mine, func: here}}
  - {type: probe, name: ours, provider: {type: python, module: probes.proxies, func: proxies_known}}
"""


def user_folder(root: Path, *, init: str | None) -> Path:
    """A user's own `probes/` with one module in it."""
    (root / "probes").mkdir(parents=True)
    (root / "probes" / "mine.py").write_text("def here() -> bool:\n    return True\n")
    if init is not None:
        (root / "probes" / "__init__.py").write_text(init)
    return root


SITUATIONS = {
    "a plain folder": (None, "first"),
    "a package before ours": ("", "first"),
    "a package after ours": ("", "last"),
    "another plain folder after ours": (None, "last"),
}


@pytest.mark.parametrize("situation", SITUATIONS)
def test_a_users_probes_and_ours_are_both_found(situation: str, python: Path, tmp_path: Path) -> None:
    init, where = SITUATIONS[situation]
    theirs = user_folder(tmp_path / "user", init=init)
    code = f"import chaoslib_ext.cli.plugins, sys; sys.path.insert({0 if where == 'first' else 99}, {str(theirs)!r}); "
    code += f"import probes.mine, {OURS} as ours; print(probes.mine.__file__, ours.__file__)"
    done = subprocess.run([str(python), "-c", code], cwd=tmp_path, capture_output=True, text=True, env={})
    assert done.returncode == 0, done.stderr
    mine, ours = done.stdout.split()
    assert Path(mine).parent == theirs / "probes"
    assert Path(ours).is_relative_to(python.parent.parent)


def test_another_distribution_may_ship_probes_too(wheel: Path, checkout: Path, tmp_path: Path) -> None:
    """Its `__init__.py` overwrites ours, as pip does it; our modules and `discover` stay."""
    make = [sys.executable, str(checkout / "scripts" / "fresh_env.py"), str(tmp_path / "env"), str(wheel)]
    python = Path(subprocess.run(make, check=True, capture_output=True, text=True).stdout.strip())
    (site,) = (tmp_path / "env" / "lib").glob("python*/site-packages")
    (site / "probes" / "__init__.py").write_text("")
    (site / "probes" / "theirs.py").write_text("")
    code = f"import chaoslib_ext.cli.plugins, probes.theirs, {OURS}"
    subprocess.run([str(python), "-c", code], cwd=tmp_path, check=True, env={})
    assert activities(python, tmp_path, 0)


def test_chaos_finds_both_and_needs_pythonpath_for_the_users(python: Path, tmp_path: Path) -> None:
    user_folder(tmp_path, init="")
    (tmp_path / "x.yaml").write_text(EXPERIMENT)
    found = chaos(python, tmp_path, "validate", "x.yaml", PYTHONPATH=".")
    assert found.returncode == 0, found.stderr
    assert "could not find Python module 'probes.mine'" in chaos(python, tmp_path, "validate", "x.yaml").stderr
