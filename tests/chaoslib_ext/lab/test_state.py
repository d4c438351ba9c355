import json
import shutil
import threading

import pytest

from chaoslib_ext.clock import SYSTEM
from chaoslib_ext.errors import LabError
from chaoslib_ext.lab.state import Book, LabState, ProcessState, lab_dir, read


@pytest.fixture
def book() -> Book:
    return Book(LabState(started=SYSTEM.wall(), secret="s", data="d"), lab_dir())


def test_what_is_noted_is_on_disk_and_only_for_us(book: Book) -> None:
    book.note_process("payment", ProcessState(port=5, pid=6, create_time=7.0))
    book.note(phase="up")
    assert read(lab_dir()) == book.state
    assert (lab_dir() / "lab.json").stat().st_mode & 0o777 == 0o600


def test_notes_of_several_threads_are_all_kept(book: Book) -> None:
    names = [f"p{n}" for n in range(16)]
    threads = [threading.Thread(target=book.note_process, args=(name, ProcessState(port=1))) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = read(lab_dir())
    assert found and sorted(found.processes) == sorted(names)


def test_a_file_of_a_newer_version_or_a_broken_one_is_not_used(book: Book) -> None:
    told = json.loads((lab_dir() / "lab.json").read_text())
    for text in (json.dumps({**told, "schema_version": 2}), "{", "[]"):
        (lab_dir() / "lab.json").write_text(text)
        with pytest.raises(LabError, match="chaos lab purge"):
            read(lab_dir())


def test_a_state_that_cannot_be_written_stops_everything(book: Book) -> None:
    shutil.rmtree(book.folder)
    with pytest.raises(LabError, match="CHAOS_STATE_DIR"):
        book.note(phase="up")
    assert book.state.phase == "starting", "what is not on disk does not count"
