"""YAML as the host reads it."""

import pytest
import yaml

from chaoslib_ext.lint.yaml_text import read_yaml


def rules(text: str) -> list[str]:
    return [hit.rule.id for hit in read_yaml(text)[1]]


@pytest.mark.parametrize(
    "text",
    [
        "a: 1\nb: [x, 'y', {c: null}]\n",
        "a: &x {k: v}\nb: *x\nc: [*x, *x]\n",
        "base: &b {a: 1, b: 2}\nmore: &m {b: 3, c: 4}\nx: {<<: [*b, *m], a: 9}\ny:\n  <<: *b\n  z: 1\n",
        "on: yes\noctal: 010\ntime: 1:30\nday: 2026-01-01\nfloat: 1e5\n",
        "? 5\n: x\nnull: y\n1.5: z\n",
        "text: |\n  a\n  b\nfolded: >-\n  c\n  d\n",
        "- 1\n- [2]\n",
        "!!set {a, b}\n",
        "",
    ],
)
def test_it_reads_what_the_host_reads(text: str) -> None:
    tree, _ = read_yaml(text)
    expected = yaml.safe_load(text)
    assert tree is not None and tree.data == (dict.fromkeys(expected) if isinstance(expected, set) else expected)


def test_every_part_has_its_line_and_column() -> None:
    tree, _ = read_yaml("title: x\nmethod:\n  - name: a\n    provider: {type: python,\n      func: f}\n")
    assert tree is not None
    assert tree.place(("method",)) == (2, 1)
    assert tree.place(("method", 0)) == (3, 5)
    assert tree.place(("method", 0, "provider", "func")) == (5, 7)


def test_what_comes_by_merging_has_the_line_where_it_was_written() -> None:
    tree, _ = read_yaml("base: &b\n  x: 1\nuse:\n  <<: *b\n")
    assert tree is not None and tree.place(("use", "x")) == (2, 3)


def test_a_key_that_stands_twice_is_found_with_both_lines() -> None:
    tree, (hit,) = read_yaml("method: [1]\nother: 2\nmethod: [3]\n")
    assert tree is not None and tree.data["method"] == [3]
    assert hit.rule.id == "duplicate-key" and hit.place == (3, 1) and "line 1" in hit.says


def test_a_key_that_a_merge_brings_may_be_written_again() -> None:
    assert rules("base: &b {x: 1}\nuse:\n  <<: *b\n  x: 2\n") == []


def test_tabs_are_told_with_what_to_do() -> None:
    _, (hit,) = read_yaml("a:\n\tb: 1\n")
    assert hit.rule.id == "not-yaml" and hit.place == (2, 1) and "spaces" in hit.cure


def test_a_colon_in_a_text_is_told_with_what_to_do() -> None:
    _, (hit,) = read_yaml("title: a: b\n")
    assert hit.rule.id == "not-yaml" and "quotes" in hit.cure


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("a: !!timestamp x\n", "yaml-value"),
        ("a: 2026-02-30\n", "yaml-value"),
        ("a: !!int x\n", "yaml-value"),
        ("a: !!python/object:os.system {}\n", "yaml-tag"),
        ("a: !own 5\n", "yaml-tag"),
        ("a: !own [5]\n", "yaml-tag"),
        ("? [a, b]\n: 1\n", "yaml-tag"),
        ("<<: 5\n", "yaml-tag"),
        ("a: *nowhere\n", "not-yaml"),
        ("a: 1\n---\nb: 2\n", "not-yaml"),
        ("a: \x01\n", "not-yaml"),
        ("- - - " * 2000, "too-deep"),
        ("[" * 5000, "too-deep"),
    ],
)
def test_what_ends_the_host_in_a_traceback_is_one_finding(text: str, rule: str) -> None:
    tree, hits = read_yaml(text)
    assert tree is None and rule in {hit.rule.id for hit in hits}
