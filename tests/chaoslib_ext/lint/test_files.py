"""Files, folders, patterns."""

import os
from pathlib import Path

import pytest

from chaoslib_ext.errors import BadInput
from chaoslib_ext.lint.files import expand
from chaoslib_ext.whole_file import BIGGEST

EXPERIMENT = "title: x\ndescription: x\nmethod: []\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name, text in {
        "a.yaml": EXPERIMENT,
        "deep/b.yml": "steady-state-hypothesis: {}\nmethod:\n  - x\n",
        "deep/c.json": '{"title": "x", "method": [\n]}',
        "deep/links.yaml": "schema_version: 1\nlinks: []\n",
        "deep/package.json": '{"name": "x", "scripts": {}}',
        "deep/broken.yaml": "method:\n\t- [",
        ".hidden/d.yaml": EXPERIMENT,
        "node_modules/e.yaml": EXPERIMENT,
        "notes.txt": EXPERIMENT,
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def names(given: list[str]) -> tuple[list[str], list[str]]:
    files, passed = expand(given)
    return [str(file) for file in files], [str(file) for file in passed]


def test_a_folder_gives_its_experiments_and_says_what_it_passed_over() -> None:
    files, passed = names(["."])
    assert files == ["a.yaml", "deep/b.yml", "deep/broken.yaml", "deep/c.json"]
    assert passed == ["deep/links.yaml", "deep/package.json"]


def test_what_is_named_is_read_whatever_it_is_and_once() -> None:
    assert names(["notes.txt", "deep/links.yaml", "notes.txt", "deep"])[0] == [
        "notes.txt",
        "deep/links.yaml",
        "deep/b.yml",
        "deep/broken.yaml",
        "deep/c.json",
    ]


def test_a_pattern_in_quotes_is_ours_to_expand() -> None:
    files, passed = names(["**/*.y*ml"])
    assert files == ["a.yaml", "deep/b.yml", "deep/broken.yaml", "node_modules/e.yaml"]
    assert passed == ["deep/links.yaml"]
    assert names(["dee*"])[0] == ["deep/b.yml", "deep/broken.yaml", "deep/c.json"]


@pytest.mark.parametrize("name", ["nothing.yaml", "*.nothing", ".hidden/x"])
def test_a_name_that_means_nothing_is_refused(name: str) -> None:
    with pytest.raises(BadInput, match=r"no (file|experiment)"):
        expand(["a.yaml", name])


def test_a_folder_without_experiments_is_refused(folder: Path) -> None:
    (folder / "empty").mkdir()
    with pytest.raises(BadInput, match="holds no experiment"):
        expand(["empty"])


def test_a_pipe_and_big_data_in_a_folder_are_passed_over(folder: Path) -> None:
    os.mkfifo(folder / "deep" / "pipe.yaml")
    (folder / "deep" / "data.json").write_text('{"method": [' + " " * BIGGEST + "]}")
    files, passed = names(["deep"])
    assert "deep/data.json" in passed and not {"deep/pipe.yaml", "deep/data.json"} & set(files)
