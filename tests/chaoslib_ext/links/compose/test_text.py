"""YAML as compose means it: text stays text and knows its line; what cannot be read is told with its place."""

from collections.abc import Callable
from pathlib import Path

import pytest

from chaoslib_ext.errors import BadFile
from chaoslib_ext.links.compose.text import Text, loaded

Compose = Callable[..., Path]


def test_no_number_is_made_of_a_port_and_no_truth_of_yes(compose: Compose) -> None:
    (root,) = loaded(compose("a: 3000:22\nb: yes\nc: 1.10\nd: 2026-01-01\ne: 0x1F\nf:\n"))
    assert root == {"a": "3000:22", "b": "yes", "c": "1.10", "d": "2026-01-01", "e": "0x1F", "f": None}


def test_a_value_knows_its_file_and_line_behind_an_anchor_too(compose: Compose) -> None:
    file = compose("x: &env\n  A: one\ns:\n  <<: *env\n  B: two\n")
    (root,) = loaded(file)
    assert isinstance(root["s"]["A"], Text)
    assert (root["s"]["A"].file, root["s"]["A"].line, root["s"]["B"].line) == (file, 2, 5)


def test_tags_of_compose_are_passed_over(compose: Compose) -> None:
    (root,) = loaded(compose("a: !reset null\nb: !override [x]\nc: !override {k: v}\nd: !custom text\n"))
    assert root == {"a": None, "b": ["x"], "c": {"k": "v"}, "d": "text"}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("services:\n  a: [\n", "line 3, column 1"),
        ("services:\n\tweb: x\n", "line 2, column 1"),
        ("a: *gone\n", "gone"),
        ("a: !!python/object:os.system x\n", "constructor"),
        ("{{ if .Values.on }}\nservices: {}\n", "line 1"),
        ("a: \x00\n", "not YAML"),
        ("[" * 5000, "not YAML"),
    ],
)
def test_what_is_no_yaml_is_told_with_its_line_and_column(compose: Compose, text: str, says: str) -> None:
    with pytest.raises(BadFile, match=r"docker-compose\.yml") as error:
        loaded(compose(text))
    assert says in str(error.value)


def test_a_folder_names_what_is_in_it(compose: Compose) -> None:
    with pytest.raises(BadFile, match=r"is a folder; no file"):
        loaded(compose("", "x.yml").parent)
    with pytest.raises(BadFile, match=r"is a folder; name the file in it: compose\.yaml"):
        loaded(compose("", "compose.yaml").parent)


def test_neither_utf_16_nor_nothing_is_read_and_a_byte_order_mark_is(compose: Compose) -> None:
    file = compose("")
    file.write_bytes("services: {}".encode("utf-16"))
    with pytest.raises(BadFile, match="not UTF-8"):
        loaded(file)
    with pytest.raises(BadFile, match="No such file"):
        loaded(file.with_name("gone.yml"))
    file.write_bytes(b"\xef\xbb\xbfa: b\n")
    assert loaded(file) == [{"a": "b"}]
