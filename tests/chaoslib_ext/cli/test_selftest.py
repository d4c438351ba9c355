"""`chaos selftest`: the whole command, for real but small; what it says and how it ends."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chaoslib_ext.cli import plugins

pytestmark = [pytest.mark.joins("cli", "selftest"), pytest.mark.timeout(600)]

AT = "run: runner http faults/toxic.py:Toxic.apply #1 after"
Ran = subprocess.CompletedProcess[str]


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where its folder comes to lie."""
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setenv("TMPDIR", str(place))
    return place


@pytest.fixture
def selftest(temporary: Path, tmp_path: Path) -> Callable[..., Ran]:
    def run(*words: str) -> Ran:
        command = [str(Path(sys.executable).with_name("chaos")), "--no-version-check", "selftest", *words]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=500, check=False)

    return run


def test_one_case_again(selftest: Callable[..., Ran], temporary: Path, own_folders: Path) -> None:
    done = selftest("--case", f"{AT}: SIGKILL", "--within", "30s", "--jobs", "1")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "CLEAN  1 runs, ended at 1 points" in done.stdout
    assert "runner: faults, request\t1\t✓ 1\t-\t-\t-\t-\t" in done.stdout
    assert not list(temporary.iterdir()), "it leaves nothing"
    assert not (own_folders / "state").exists() and not (own_folders / "journal").exists(), "of mine nothing is touched"


def test_what_was_left_where_and_how_to_do_it_again(selftest: Callable[..., Ran], tmp_path: Path) -> None:
    keep = tmp_path / "kept"
    done = selftest("--case", f"{AT}: SIGKILL", "--within", "1ms", "--keep", str(keep))
    assert done.returncode == 1
    assert "LEFT  1 of 1 runs left something" in done.stdout and "clean only after" in done.stdout
    assert f"again: chaos selftest --within 0.001s --case '{AT}: SIGKILL'" in done.stdout
    assert [(one / "output.log").exists() for one in keep.iterdir()] == [True] and str(keep) in done.stdout


def test_json_says_the_same_and_nothing_else(selftest: Callable[..., Ran]) -> None:
    done = selftest("--case", f"{AT}: SIGHUP", "--within", "30s", "--json", "--seed", "abc")
    told: dict[str, Any] = json.loads(done.stdout)
    assert told["schema_version"] == 1 and told["seed"] == "abc" and told["clean"] and told["runs"] == 1
    assert told["endings"][0]["endings"] == {"SIGHUP": {"clean": 1, "runs": 1}}
    assert done.stderr == ""


def test_a_point_that_no_run_comes_by_proves_nothing(selftest: Callable[..., Ran]) -> None:
    done = selftest("--case", "run: runner fsync undo/log.py:nowhere #1 before: SIGKILL")
    assert done.returncode != 0 and "did not come by that point, so nothing was proved" in done.stderr
    assert "CLEAN" not in done.stdout and "Traceback" not in done.stderr


def test_only_what_holds_a_text_is_done_and_it_must_fit_something(selftest: Callable[..., Ran]) -> None:
    done = selftest("--quick", "--kills", "5", "--seed", "x", "--within", "30s", "--only", "kill x-0")
    assert done.returncode == 0 and "Seed x: 1 runs, ended at 0 points and by 1 random kills" in done.stderr
    none = selftest("--quick", "--only", "nowhere.py")
    assert none.returncode == 2 and "--only: no id holds 'nowhere.py'; one looks like: " in none.stderr
    assert "Traceback" not in none.stderr


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--case", "nonsense"], "no such run"),
        (["--case", "run: runner fsync x.py:f #1 before: a bang"], "no such ending"),
        (["--within", "soon"], "--within"),
        (["--kills", "-1"], "--kills"),
        (["--engine", "rust"], "--engine"),
    ],
)
def test_what_is_typed_wrong_is_refused(selftest: Callable[..., Ran], words: list[str], says: str) -> None:
    done = selftest(*words)
    assert done.returncode == 2 and says in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_broken_off_it_leaves_nothing(temporary: Path, tmp_path: Path, number: int, code: int) -> None:
    command = [str(Path(sys.executable).with_name("chaos")), "--no-version-check", "selftest", "--seed", "x"]
    with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stderr and "Finding the points" in process.stderr.readline()
        os.kill(process.pid, number)
        _, said = process.communicate(timeout=120)
    assert process.returncode == code, said
    assert "Broken off (seed x). So far: " in said and " runs, nothing left" in said
    assert not list(temporary.iterdir())
    mark = str(temporary).encode()
    assert not [one for one in Path("/proc").glob("[0-9]*") if mark in _words(one)]


def _words(process: Path) -> bytes:
    try:
        return (process / "cmdline").read_bytes()
    except OSError:
        return b""


def test_its_help_says_what_it_needs_and_touches() -> None:
    import click

    real = plugins.selftest.real()
    text = " ".join(real.get_help(click.Context(real, info_name="chaos selftest")).split())
    assert "needs no privileges and touches nothing of yours" in text and "0 nothing was left, 1 something was" in text
