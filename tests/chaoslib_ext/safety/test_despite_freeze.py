"""What was done by hand despite a freeze: noted first, kept, told; a line that cannot be read is said."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from chaoslib_ext.clock import SYSTEM
from chaoslib_ext.errors import BadFile
from chaoslib_ext.safety import despite_freeze


def note(what: str = "adding x") -> despite_freeze.Insistence:
    return despite_freeze.note(what, server="http://127.0.0.1:8474", by="ann@ops", freeze="the sale")


def test_it_says_who_did_what_where_and_when(own_folders: Path) -> None:
    assert despite_freeze.since(None) == ([], [])
    first, second = note(), note("disabling y")
    assert despite_freeze.since(None) == ([first, second], [])
    assert first.says.endswith("by ann@ops: adding x on http://127.0.0.1:8474")
    assert despite_freeze.since(SYSTEM.wall() + timedelta(days=1)) == ([], [])
    assert despite_freeze.since(datetime(2020, 1, 1, tzinfo=UTC))[0] == [first, second]
    assert (own_folders / "state" / "despite-freeze.jsonl").stat().st_mode & 0o777 == 0o600


def test_a_line_that_cannot_be_read_is_said_and_hides_no_other(own_folders: Path) -> None:
    kept = note()
    with (own_folders / "state" / "despite-freeze.jsonl").open("ab") as file:
        file.write(b'{"half')
    assert despite_freeze.since(None)[0] == [kept] and "line 2 of" in despite_freeze.since(None)[1][0]


def test_where_it_cannot_be_noted_it_must_not_be_done(own_folders: Path) -> None:
    (own_folders / "state" / "despite-freeze.jsonl").mkdir(parents=True)
    with pytest.raises(BadFile, match="so nothing was touched"):
        note()
    assert "cannot be read" in despite_freeze.since(None)[1][0]
