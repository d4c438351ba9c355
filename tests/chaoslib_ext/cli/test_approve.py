"""`chaos approve` as a process."""

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

pytestmark = pytest.mark.joins("cli", "safety")

Chaos = Callable[..., CompletedProcess[str]]
POLICY = "schema_version: 1\nrules: [{name: all, allow: any, links: '*', approval: required}]\n"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "x.yaml").write_text("title: Does it hold?\ndescription: y\nmethod: []\n")
    (tmp_path / "chaos-policy.yaml").write_text(POLICY)
    return tmp_path


def test_one_is_given_and_listed(chaos: Chaos, place: Path) -> None:
    assert chaos("approve", "--list").stdout.startswith("No approvals in ")
    given = chaos("approve", "x.yaml", "--until", "2099-01-01T10:00+00:00", "--why", "seen  with\nthe team")
    assert given.returncode == 0 and "Approved by " in given.stdout, given.stderr
    (file,) = (place / "chaos-approvals").iterdir()
    assert str(file) in given.stdout
    listed = chaos("approve", "--list").stdout
    assert "Does it hold?\n" in listed and "holds: seen with the team" in listed
    (one,) = json.loads(chaos("approve", "--list", "--json").stdout)["approvals"]
    assert one["holds"] and len(one["experiment_sha256"]) == 64 and one["until"] == "2099-01-01T10:00:00Z"


def test_the_policy_says_where_they_lie(chaos: Chaos, place: Path) -> None:
    (place / "chaos-policy.yaml").write_text(POLICY + "approvals: elsewhere\n")
    told = chaos("approve", "x.yaml", "--until", "23:59", "--why", "x", "--json")
    assert Path(json.loads(told.stdout)["file"]).parent == place / "elsewhere"


def test_what_is_missing_or_wrong_is_told(chaos: Chaos, place: Path) -> None:
    for words in (
        [],
        ["x.yaml"],
        ["x.yaml", "--until", "18:30"],
        ["x.yaml", "--until", "18:30", "--why", " "],
        ["x.yaml", "--list"],
    ):
        assert chaos("approve", *words).returncode == 2
    assert chaos("approve", "x.yaml", "--until", "2020-01-01", "--why", "x").returncode == 2
    (place / "chaos-policy.yaml").unlink()
    ran = chaos("approve", "x.yaml", "--until", "18:30", "--why", "x")
    assert ran.returncode == 2 and "there is no policy here" in ran.stderr


def test_a_file_that_is_none_is_told(chaos: Chaos, place: Path) -> None:
    (place / "chaos-approvals").mkdir()
    (place / "chaos-approvals" / "x.yaml").write_text("a: [")
    ran = chaos("approve", "--list")
    assert ran.returncode == 1 and "x.yaml approves nothing" in ran.stderr
