"""A problem is found where its author wrote it."""

from pathlib import Path

import pytest

from chaoslib_ext.control.lines import line_of

pytestmark = pytest.mark.joins("control", "lint")

YAML = """title: x
# a remark
method:
  - name: first
    provider: {type: python,
      module: m, func: f}
  - name: second
    type: action
    provider:
      type: python
      func: add_latency
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [(("method", 0), 6), (("method", 1), 11), (("method", 7), None), (("rollbacks", 0), None), (("title", 0), None)],
)
def test_the_line_is_that_of_the_function(tmp_path: Path, path: tuple, line: int | None) -> None:
    (tmp_path / "x.yaml").write_text(YAML)
    assert line_of(str(tmp_path / "x.yaml"), path) == line


def test_json_has_lines_too(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text('{\n "method": [\n  {"provider": {\n   "func": "f"}}]}')
    assert line_of(str(tmp_path / "x.json"), ("method", 0)) == 4


@pytest.mark.parametrize("text", ["a: [", "", "- 1", "!!binary x", "\x00", "- " * 3000])
def test_a_file_that_cannot_tell_is_no_error(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.yaml").write_text(text)
    assert line_of(str(tmp_path / "x.yaml"), ("method", 0)) is None
    assert line_of(None, ("method", 0)) is None
    assert line_of("https://example.com/x.yaml", ("method", 0)) is None
