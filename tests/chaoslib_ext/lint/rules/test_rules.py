"""The list of rules."""

import re
from pathlib import Path

from chaoslib_ext.lint.rules import checks, rules


def test_every_rule_has_a_name_of_its_own_and_whole_sentences() -> None:
    found = rules()
    ids = [rule.id for rule in found]
    assert ids == sorted(set(ids)) and len(ids) > 50
    for rule in found:
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", rule.id)
        assert all(text.strip().endswith((".", ")")) for text in (rule.what, rule.why, rule.cure)), rule.id


def test_every_rule_is_named_by_a_test() -> None:
    folder = Path(__file__).parent.parent
    texts = "".join(file.read_text() for file in folder.rglob("test_*.py"))
    assert [rule.id for rule in rules() if f'"{rule.id}"' not in texts] == []


def test_every_file_of_rules_is_found_by_being_there() -> None:
    assert len(checks()) == len({check.__module__ for check in checks()}) >= 12
