"""Rollbacks are kept durably, without secrets that were resolved, and wiped."""

from pathlib import Path
from typing import Any

import pytest

from chaoslib_ext.errors import UndoError, UndoNotDurable
from chaoslib_ext.guests.kept import keep, kept_of, read, wipe

ROLLBACK = {"type": "action", "name": "heal", "provider": {"type": "process", "path": "true"}}


def kept(**experiment: Any) -> Any:
    return kept_of("ab12", None, {"rollbacks": [ROLLBACK], **experiment}, {"url": "x"})


def test_there_and_back_and_gone() -> None:
    made = kept()
    keep(made)
    assert read("ab12") == made and made.pending == [0] and made.names == "heal"
    wipe("ab12")
    assert read("ab12") is None
    wipe("ab12")


def test_nothing_is_kept_of_an_experiment_without_rollbacks() -> None:
    assert kept_of("ab12", None, {"rollbacks": []}, {}) is None
    assert kept_of("ab12", None, {}, None) is None


def test_only_its_owner_may_read_it(own_folders: Path) -> None:
    keep(kept())
    (file,) = (own_folders / "state/undo").glob("*.rollbacks.json")
    assert file.stat().st_mode & 0o777 == 0o600


def test_secrets_are_kept_as_they_are_declared() -> None:
    declared = {"mine": {"login": {"type": "env", "key": "LOGIN"}}}
    assert kept(secrets=declared).secrets == declared


def test_a_ref_is_looked_up_and_one_that_names_nothing_stays() -> None:
    method = [{"type": "action", "name": "again", "provider": {"type": "process", "path": "true"}}]
    found = kept_of("ab12", None, {"method": method, "rollbacks": [{"ref": "again"}, {"ref": "nobody"}]}, {})
    assert found is not None
    assert [one.get("name") for one in found.rollbacks] == ["again", None] and found.names == "again, nobody"


def test_what_cannot_be_kept_keeps_the_method_from_beginning(own_folders: Path, monkeypatch: Any) -> None:
    def full(*args: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("chaoslib_ext.record.files.replaced", full)
    with pytest.raises(UndoNotDurable, match=r"No space left on device.*the method does not begin"):
        keep(kept())


@pytest.mark.parametrize("content", ["", "{", "[]", '{"run": "../x", "rollbacks": []}', '{"schema_version": 2}'])
def test_what_cannot_be_read_is_not_played(own_folders: Path, content: str) -> None:
    keep(kept())
    (file,) = (own_folders / "state/undo").glob("*.rollbacks.json")
    file.write_text(content)
    with pytest.raises(UndoError, match="cannot be read"):
        read("ab12")


def test_one_whose_wiping_was_killed_in_the_middle_is_gone_all_the_same(own_folders: Path) -> None:
    keep(kept())
    (file,) = (own_folders / "state/undo").glob("*.rollbacks.json")
    file.write_bytes(b"\0\0\0" + file.read_bytes()[3:])
    assert read("ab12") is None
    wipe("ab12")
    assert not file.exists()


def test_what_a_killed_writer_left_half_written_is_wiped_too(own_folders: Path) -> None:
    keep(kept())
    half = own_folders / "state/undo/.ab12.rollbacks.json.x1y2"
    half.write_text('{"run": "ab12", "configuration": {"password": "')
    wipe("ab12")
    assert list((own_folders / "state/undo").iterdir()) == []
