"""A policy through `chaos lint`: what keeps it from being used, and words that mean nothing here."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from chaoslib_ext.cli.lint import lint
from chaoslib_ext.lint.policy import is_policy

pytestmark = pytest.mark.joins("lint", "safety", "links")

POLICY = """schema_version: 1
zone: UTC
windows: {office: {from: 09:00, to: 17:00}}
rules:
  - name: never
    refuse: any
    links: [tag:cahce, orders-*, wbe, web]
  - name: rest
    allow: any
    links: service:shop
"""
LINKS = """schema_version: 1
links:
  - {name: web, listen: "127.0.0.1:26001", upstream: "127.0.0.1:80", tags: [cache], service: shop}
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "links.yaml").write_text(LINKS)
    (tmp_path / "chaos-policy.yaml").write_text(POLICY)
    return tmp_path


def call(*words: str) -> Result:
    return CliRunner().invoke(lint, words, env={"NO_COLOR": "1"})


def found(*words: str) -> list[tuple[str, str, int]]:
    told = json.loads(call(*words, "--json").stdout)["findings"]
    return [(one["rule"], one["severity"], one["line"]) for one in told]


def test_a_word_that_no_links_file_knows_is_a_note_with_its_place() -> None:
    assert found("chaos-policy.yaml") == [
        ("policy-unused-window", "note", 3),
        ("policy-unknown-link", "note", 7),
        ("policy-unknown-link", "note", 7),
        ("policy-unknown-link", "note", 7),
    ]
    result = call("chaos-policy.yaml")
    assert result.exit_code == 0, "a policy may serve other repositories too"
    assert "7:13: note: rule 'never': no link here has the tag cahce; did you mean cache?" in result.stdout


def test_without_any_link_nothing_is_said_of_words(folder: Path) -> None:
    (folder / "links.yaml").unlink()
    assert found("chaos-policy.yaml") == [("policy-unused-window", "note", 3)]


def test_every_fault_of_a_policy_that_cannot_be_used_is_an_error_with_its_line(folder: Path) -> None:
    text = POLICY.replace("tag:cahce", "tags:cache").replace("zone", "zonne").replace("wbe", "'wbe '")
    (folder / "chaos-policy.yaml").write_text(text)
    assert found("chaos-policy.yaml") == [("bad-policy", "error", line) for line in (2, 7, 7)]
    assert call("chaos-policy.yaml").exit_code == 1


@pytest.mark.parametrize("text", ["a: [", "", "- 1", "schema_version: 9\nrules: []\n", "\x00"])
def test_one_that_is_no_policy_at_all_is_one_error(folder: Path, text: str) -> None:
    (folder / "chaos-policy.yaml").write_text(text)
    assert [rule for rule, _, _ in found("chaos-policy.yaml")] == ["bad-policy"]


def test_a_rule_that_never_decides_is_a_warning_with_its_line(folder: Path) -> None:
    """The slip: what must never be touched, written below what allows everything."""
    first, second = (
        POLICY.replace("tag:cahce, orders-*, wbe, ", "").split("  - name: never\n    ")[1].split("  - name: ")
    )
    lines = second.replace("service:shop", "'*'")
    text = f"schema_version: 1\nrules:\n  - name: {lines}  - name: never\n    {first}"
    (folder / "chaos-policy.yaml").write_text(text)
    assert found("chaos-policy.yaml") == [("policy-unreached-rule", "warning", 6)]
    assert "rule 'never' never decides: rule 'rest' above it speaks of all of it" in call("chaos-policy.yaml").stdout


def test_policies_of_a_folder_are_read_and_go_into_sarif(folder: Path) -> None:
    (folder / "team.yaml").write_text(POLICY)
    (folder / "role.yaml").write_text("kind: ClusterRole\nrules:\n  - verbs: [get]\n")
    told = json.loads(call(".", "--json").stdout)
    assert told["files"] == ["chaos-policy.yaml", "team.yaml"] and told["passed_over"] == ["links.yaml", "role.yaml"]
    results = json.loads(call(".", "--sarif", "-").stdout)["runs"][0]["results"]
    assert {one["ruleId"] for one in results} == {"policy-unused-window", "policy-unknown-link"}


def test_an_experiment_is_no_policy(folder: Path) -> None:
    (folder / "x.yaml").write_text("title: x\nmethod: []\nconfiguration:\n  rules: 1\n  schema_version: 1\n")
    assert is_policy(folder / "chaos-policy.yaml") and not is_policy(folder / "x.yaml")
