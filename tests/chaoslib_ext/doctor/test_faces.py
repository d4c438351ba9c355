"""What of a user's own hides what of ours."""

from pathlib import Path

import pytest

from chaoslib_ext.doctor.faces import check


def test_nothing_is_hidden() -> None:
    assert [one.state for one in check()] == ["ok", "ok"]


def test_a_file_of_the_same_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "probes.py").write_text("")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert [(one.state, "rename" in one.fix) for one in check()] == [("wrong", True), ("ok", False)]


def test_a_module_of_the_same_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "actions").mkdir()
    (tmp_path / "actions/__init__.py").write_text("")
    (tmp_path / "actions/toxics.py").write_text("")
    (tmp_path / "actions/mine.py").write_text("")
    monkeypatch.syspath_prepend(str(tmp_path))
    found = list(check())[-1]
    assert found.state == "wrong" and found.says.startswith("actions.toxics:") and "mine" not in found.says
