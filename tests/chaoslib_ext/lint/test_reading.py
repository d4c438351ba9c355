"""A file into a tree."""

import os
from pathlib import Path

import pytest

from chaoslib_ext.lint.reading import read, read_text
from chaoslib_ext.whole_file import BIGGEST


@pytest.mark.parametrize(
    ("raw", "suffix", "rule"),
    [
        (b"", ".yaml", "empty"),
        (b" \n# nothing\n", ".yaml", "empty"),
        (b"\n", ".json", "empty"),
        (b"- a\n", ".yaml", "not-an-experiment"),
        (b"[1]", ".json", "not-an-experiment"),
        (b"hello", ".yaml", "not-an-experiment"),
        (b"null", ".json", "empty"),
        ("title: übung".encode("latin-1"), ".yaml", "not-utf-8"),
        ("title: x".encode("utf-16"), ".yaml", "not-utf-8"),
        (b"a: &a [*a]\n", ".yaml", "endless-alias"),
    ],
)
def test_what_is_no_experiment_is_one_finding(raw: bytes, suffix: str, rule: str) -> None:
    tree, (hit,) = read_text(raw, suffix)
    assert tree is None and hit.rule.id == rule and hit.says


def test_a_byte_order_mark_is_refused_in_json_and_passed_over_in_yaml_as_by_the_host() -> None:
    tree, (hit,) = read_text(b'\xef\xbb\xbf{"a": 1}', ".json")
    assert tree is not None and hit.rule.id == "byte-order-mark"
    tree, hits = read_text(b"\xef\xbb\xbfa: 1", ".yaml")
    assert tree is not None and tree.data == {"a": 1} and hits == []


def test_the_name_says_how_to_read(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text("a: 1")
    (tmp_path / "x.json").write_text("a: 1")
    (tmp_path / "x.yml").write_text('{"a": 1}')
    assert read(tmp_path / "x.txt")[1][0].rule.id == "file-name"
    assert read(tmp_path / "x.json")[1][0].rule.id == "not-json"
    assert read(tmp_path / "x.yml")[0] is not None


def test_a_file_that_cannot_be_read_is_a_finding(tmp_path: Path) -> None:
    os.symlink(tmp_path / "gone.yaml", tmp_path / "x.yaml")
    (tmp_path / "folder.yaml").mkdir()
    for name in ("x.yaml", "folder.yaml"):
        tree, (hit,) = read(tmp_path / name)
        assert tree is None and hit.rule.id == "unreadable"


def test_a_pipe_or_a_device_is_a_finding_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "x.yaml")
    os.symlink("/dev/zero", tmp_path / "y.yaml")
    for name in ("x.yaml", "y.yaml"):
        tree, (hit,) = read(tmp_path / name)
        assert tree is None and hit.rule.id == "unreadable" and "a pipe or a device" in hit.says


def test_what_is_too_big_to_be_an_experiment_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text("title: " + "x" * BIGGEST)
    tree, (hit,) = read(tmp_path / "x.yaml")
    assert tree is None and hit.rule.id == "too-big"
