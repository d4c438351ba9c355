"""Which words of a policy mean no link that is known here."""

from pathlib import Path

from chaoslib_ext.safety.policy import Policy
from chaoslib_ext.safety.policy_file import parsed
from chaoslib_ext.safety.unknown_words import KnownLinks, unknown, unused_windows

KNOWN = KnownLinks.of(["web", "db[a]", "cafe\u0301"], ["lab"], ["shop"])


def policy(links: str) -> Policy:
    return parsed(f"schema_version: 1\nrules: [{{name: x, allow: any, links: {links}}}]\n", Path("p"))[0]


def test_names_globs_tags_and_services_that_are_known_are_not_told() -> None:
    assert not list(unknown(policy("[web, 'w*', 'db[a]', '*', tag:lab, service:shop, caf\u00e9]"), KNOWN))


def test_others_are_told_with_the_near_ones() -> None:
    told = list(unknown(policy("[wep, 'x*', tag:lap, service:lab]"), KNOWN))
    assert [(one.rule, one.word) for one in told] == [(0, 0), (0, 1), (0, 2), (0, 3)]
    assert "did you mean web?" in told[0].says and "did you mean lab?" in told[2].says


def test_where_no_link_is_known_nothing_is_told() -> None:
    assert not list(unknown(policy("[wep, tag:lap]"), KnownLinks.of([], [], [])))


def test_a_window_is_used_by_a_rule_or_by_its_wider_limits() -> None:
    text = """schema_version: 1
zone: UTC
windows: {a: {days: mon}, b: {days: tue}, c: {days: wed}}
rules: [{name: x, allow: any, links: w, when: a, or_with_approval: {when: b}}]
"""
    assert unused_windows(parsed(text, Path("p"))[0]) == ["c"]
