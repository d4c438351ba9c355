"""Plain words that YAML 1.1 takes for something else."""

import pytest

from chaoslib_ext.lint.yaml_text import read_yaml


@pytest.mark.parametrize(
    ("text", "read_as", "severity"),
    [
        ("on: 1", "true", "warning"),
        ("a: no", "false", "note"),
        ("a: 1:30", "90", "warning"),
        ("a: 22:22", "1342", "warning"),
        ("a: 1:30.5", "90.5", "warning"),
        ("a: 010", "8", "warning"),
        ("a: 2026-01-01", "a date", "note"),
        ("a: 1e5", "a text", "warning"),
    ],
)
def test_a_word_that_is_read_as_something_else_is_found(text: str, read_as: str, severity: str) -> None:
    _, (hit,) = read_yaml(text)
    assert hit.rule.id == "yaml-word" and f"is read as {read_as}" in hit.says.replace("the number ", "")
    assert hit.severity == severity


@pytest.mark.parametrize(
    "text",
    ["'on': 1", 'a: "1:30"', "a: '010'", "a: true", "a: 0", "a: 0.5", "a: 0x10", "a: 90", "a: 1.0e+5", "a: |\n on"],
)
def test_what_is_quoted_or_plain_is_left_alone(text: str) -> None:
    assert read_yaml(text)[1] == []
