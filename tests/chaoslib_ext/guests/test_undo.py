"""Playing rollbacks as an undo: idempotent, bounded, and given up loudly rather than tried again."""

import os
import threading
from pathlib import Path
from typing import Any

import pytest

from chaoslib_ext.errors import UndoError, UndoGivenUp
from chaoslib_ext.guests.kept import UNTOLD, Kept, keep, read
from chaoslib_ext.guests.undo import UNDOERS, PlayRollbacks
from chaoslib_ext.undo.log import DISK

ARGS = {"run": "ab12"}


def kept(tmp_path: Path, *commands: str) -> None:
    rollbacks = tuple(
        {
            "type": "action",
            "name": f"r{number}",
            "provider": {"type": "process", "path": "sh", "arguments": ["-c", command], "timeout": 600},
        }
        for number, command in enumerate(commands)
    )
    keep(Kept(run="ab12", rollbacks=rollbacks, folder=str(tmp_path)))


def test_played_once_then_already_gone(tmp_path: Path) -> None:
    kept(tmp_path, "echo x >> said")
    undoer = UNDOERS["play_rollbacks"]
    assert not undoer.verify(ARGS)
    assert undoer.undo(ARGS) == "undone" and undoer.verify(ARGS) and read("ab12") is None
    assert undoer.undo(ARGS) == "already gone"
    assert (tmp_path / "said").read_text() == "x\n"


def test_one_that_fails_is_given_up_not_tried_again(tmp_path: Path) -> None:
    rollbacks = ({"ref": "nobody"},)
    keep(Kept(run="ab12", rollbacks=rollbacks, folder=str(tmp_path)))
    with pytest.raises(UndoGivenUp, match="nobody"):
        PlayRollbacks().undo(ARGS)
    assert PlayRollbacks().verify(ARGS)


def test_one_that_hangs_is_stopped_and_given_up(tmp_path: Path) -> None:
    kept(tmp_path, "sleep 600")
    with pytest.raises(UndoGivenUp, match=r"took longer than 3 s"):
        PlayRollbacks(longest=3.0).undo(ARGS)


@pytest.mark.parametrize("args", [{}, {"run": "../x"}, {"run": "ab12", "path": "/bin/sh"}])
def test_arguments_that_are_not_ours_are_refused(args: dict[str, Any]) -> None:
    with pytest.raises(UndoError, match="nothing was played"):
        PlayRollbacks().undo(args)


def leaver(tmp_path: Path, code: int) -> None:
    """A rollback that takes its process along, each time it is played."""
    (tmp_path / "leaver.py").write_text(
        f"import os\ndef go():\n    open('said', 'a').write('x')\n    os._exit({code})\n"
    )
    provider = {"type": "python", "module": "leaver", "func": "go"}
    rollback = {"type": "action", "name": "leave", "provider": provider}
    keep(Kept(run="ab12", rollbacks=(rollback,), folder=str(tmp_path), path=(str(tmp_path),)))


def test_one_that_takes_its_process_along_is_not_played_for_ever(tmp_path: Path) -> None:
    leaver(tmp_path, 7)
    for _ in range(2):
        with pytest.raises(UndoError, match="ended in the middle"):
            PlayRollbacks().undo(ARGS)
    with pytest.raises(UndoGivenUp, match="died in the middle, each of the 2 times"):
        PlayRollbacks().undo(ARGS)
    assert (tmp_path / "said").read_text() == "xx" and PlayRollbacks().verify(ARGS)


def test_played_but_not_written_down_is_given_up_not_played_again(tmp_path: Path) -> None:
    leaver(tmp_path, UNTOLD)
    with pytest.raises(UndoGivenUp, match=r"played once, but what came of them could not be written.*rollbacks\.log"):
        PlayRollbacks().undo(ARGS)
    assert PlayRollbacks().undo(ARGS) == "already gone" and (tmp_path / "said").read_text() == "x"


def test_what_was_never_kept_to_the_end_is_wiped(own_folders: Path) -> None:
    half = own_folders / "state/undo/.ab12.rollbacks.json.x1y2"
    half.parent.mkdir(parents=True, mode=0o700)
    half.write_text('{"run": "ab12", "conf')
    assert PlayRollbacks().undo(ARGS) == "already gone" and not half.exists()


@pytest.mark.joins("guests", "undo")
def test_a_disk_that_hangs_is_an_undo_that_fails_not_one_that_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept(tmp_path, "echo x >> said")
    answers = threading.Event()
    monkeypatch.setattr("chaoslib_ext.guests.undo.on_disk.read", lambda run: answers.wait(60))
    monkeypatch.setattr("chaoslib_ext.guests.undo.WITHIN", 0.1)
    try:
        with pytest.raises(TimeoutError, match="does not answer"):
            UNDOERS["play_rollbacks"].undo(ARGS)
    finally:
        answers.set()
        assert DISK.flush(30)


def test_a_pipe_in_their_place_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    kept(tmp_path, "echo x >> said")
    path = next((tmp_path / "state/undo").glob("*.rollbacks.json"))
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(UndoError, match="cannot be read"):
        UNDOERS["play_rollbacks"].undo(ARGS)
