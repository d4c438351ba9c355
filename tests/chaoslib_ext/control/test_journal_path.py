"""A journal that cannot be written is found out before anything is done."""

import os
from pathlib import Path
from typing import Any

import pytest

from chaoslib_ext.control import journal_path


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("nowhere/j.json", "there is no folder"),
        ("folder", "it is a folder"),
        ("", "it has no name"),
        ("link.json", "there is no folder"),
        ("pipe", "it is a pipe"),
    ],
)
def test_no_place_for_the_hosts_journal_refuses_the_run(chaos: Any, make: Any, path: str, says: str) -> None:
    """[4] The host finds out at the end, with a traceback."""
    (chaos.place / "folder").mkdir()
    (chaos.place / "link.json").symlink_to("gone/j.json")
    os.mkfifo(chaos.place / "pipe")
    heal = make.activity("note", "heal", path="healed")
    experiment = chaos.experiment([make.activity("note", path="done")], rollbacks=[heal])
    done = chaos.run(experiment, "--journal-path", path, how="settings")
    assert done.code == 1 and done.story.refused and "Traceback" not in done.err
    assert says in done.err and "--journal-path" in done.err
    assert not (chaos.place / "done").exists() and not (chaos.place / "healed").exists()


def test_a_place_that_goes_away_during_the_run_costs_only_the_hosts_journal(chaos: Any, make: Any) -> None:
    (chaos.place / "out").mkdir()
    leave = {"type": "process", "path": "rmdir", "arguments": ["out"]}
    experiment = chaos.experiment([{"type": "action", "name": "leave", "provider": leave}])
    done = chaos.run(experiment, "--journal-path", "out/journal.json", how="settings")
    assert done.code == 1 and "Traceback" not in done.err and "there is no folder out" in done.err
    assert done.story.state == "ok" and done.kept["run"]


@pytest.mark.parametrize("name", [None, "journal.json", os.devnull])
def test_where_it_can_be_written_nothing_is_said(tmp_path: Path, monkeypatch: Any, name: str | None) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(journal_path, "click_context", lambda: {"journal_path": name} if name else None)
    assert journal_path.unwritable() is None and list(tmp_path.iterdir()) == []
