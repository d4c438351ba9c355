"""Findings, and which of them count."""

import pytest

from chaoslib_ext.lint.finding import Concern, Finding, Rule, Severity
from chaoslib_ext.lint.tree import Place


@pytest.mark.parametrize(
    ("severity", "concern", "counts"),
    [
        (Severity.ERROR, Concern.AUTHOR, True),
        (Severity.WARNING, Concern.AUTHOR, True),
        (Severity.NOTE, Concern.AUTHOR, False),
        (Severity.WARNING, Concern.MACHINE, False),
    ],
)
def test_notes_and_what_a_machine_lacks_do_not_count(severity: Severity, concern: Concern, counts: bool) -> None:
    rule = Rule("a-rule", severity, "what", "why", "cure", concern)
    assert Finding("x.yaml", Place(1, 1), rule.at((), "it is so")).counts is counts


def test_a_finding_is_whole_as_json_and_the_rule_gives_what_is_not_said() -> None:
    rule = Rule("a-rule", Severity.ERROR, "what", "why", "Do that.")
    hit = rule.at(("method", 0), "it is so", severity=Severity.NOTE)
    assert Finding("x.yaml", Place(3, 5), hit).as_json() == {
        "rule": "a-rule",
        "severity": "note",
        "concern": "author",
        "file": "x.yaml",
        "line": 3,
        "column": 5,
        "path": "$.method[0]",
        "says": "it is so",
        "cure": "Do that.",
    }
