"""Lines are whole or not there, and what keeps them out is said with what to do."""

import errno
import os
from pathlib import Path

import pytest

from chaoslib_ext.errors import UndoNotDurable
from chaoslib_ext.undo.durably import append_whole, durably


@pytest.mark.parametrize("before", ["", "one\n", "one\nhalf"])
def test_a_line_is_never_glued_to_half_a_line(tmp_path: Path, before: str) -> None:
    path = tmp_path / "log"
    path.write_text(before)
    descriptor = os.open(path, os.O_RDWR | os.O_APPEND)
    append_whole(descriptor, b"two\n")
    os.close(descriptor)
    assert path.read_text() == ("one\n" if before else "") + "two\n"


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "make room"),
        (TimeoutError(errno.ETIMEDOUT, "it does not answer within 2 s"), "look at its disk"),
        (FileExistsError(errno.EEXIST, "File exists"), "another id"),
    ],
)
def test_what_went_wrong_is_said_with_what_to_do(error: OSError, words: str) -> None:
    with pytest.raises(UndoNotDurable, match=words), durably("the undo log", Path("log")):
        raise error
