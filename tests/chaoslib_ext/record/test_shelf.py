"""Records are found by what one types."""

from pathlib import Path

import pytest

from chaoslib_ext.clock import FakeClock
from chaoslib_ext.errors import RecordNotFound
from chaoslib_ext.record.record import EVENTS, Record
from chaoslib_ext.record.shelf import find, folders, ids, listing


@pytest.fixture
def kept() -> dict[str, Path]:
    clock, found = FakeClock(), {}
    for run_id in ("aa11", "aa2", "aa22"):
        found[run_id] = Record.create("x", run_id, clock=clock).folder
        clock.move(60)
    return found


def test_an_id_a_beginning_a_folder_a_path_or_last(kept: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    assert find("aa1") == find("aa11") == find(kept["aa11"].name) == find(str(kept["aa11"])) == kept["aa11"]
    assert find("aa2") == kept["aa2"], "a whole id is no beginning"
    assert find("last") == kept["aa22"]


@pytest.mark.parametrize(
    ("wanted", "says"), [("aa", "3 records begin with 'aa'"), ("zz", "known: aa11"), ("", "3 records")]
)
def test_what_does_not_fit_is_told_with_what_does(kept: dict[str, Path], wanted: str, says: str) -> None:
    with pytest.raises(RecordNotFound, match=says):
        find(wanted)


def test_no_journal_at_all_says_how_to_begin() -> None:
    assert folders() == [] and ids() == [] and list(listing()) == []
    with pytest.raises(RecordNotFound, match="chaos enable"):
        find("last")


def test_the_newest_is_first_and_strangers_are_left_out(kept: dict[str, Path]) -> None:
    (kept["aa11"].parent / "not-a-record").mkdir()
    assert ids() == ["aa22", "aa2", "aa11"]
    assert [one.id for one in listing(2)] == ["aa22", "aa2"]


def test_a_record_nobody_can_read_is_listed_with_its_problem(kept: dict[str, Path]) -> None:
    (kept["aa22"] / EVENTS).write_text("nonsense\n")
    assert [(one.state, bool(one.problem)) for one in listing(1)] == [("broken", True)]
