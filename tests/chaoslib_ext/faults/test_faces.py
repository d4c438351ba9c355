"""Which modules are ours is told by where they lie."""

import sys
from pathlib import Path

import pytest

from chaoslib_ext.faults.faces import is_ours


@pytest.mark.parametrize("module", ["actions.toxics", "actions.undo", "probes.http"])
def test_ours_are(module: str) -> None:
    assert is_ours(module)


@pytest.mark.parametrize(
    "module", ["actions.nosuch", "actions", "chaosk8s.pod.actions", "probes.http.x", "", "probes.", None, 3, "os.path"]
)
def test_others_are_not(module: object) -> None:
    assert not is_ours(module)


def test_nor_is_a_users_own_in_a_folder_of_our_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import actions

    folder = tmp_path / "actions"
    folder.mkdir()
    (folder / "mine.py").write_text("raise SystemExit('imported')\n")
    monkeypatch.setattr(actions, "__path__", [*actions.__path__, str(folder)])
    assert not is_ours("actions.mine")
    assert "actions.mine" not in sys.modules
