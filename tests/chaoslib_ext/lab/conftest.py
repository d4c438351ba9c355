"""A lab for many tests (brought up once, soft and clean before each), and one for a test alone."""

from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("psycopg", reason="the lab's packages are not installed")

from chaoslib_ext.lab.down import down
from chaoslib_ext.lab.state import LabState, lab_dir, read
from chaoslib_ext.lab.up import up


@pytest.fixture(scope="session")
def shared_lab_state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The state folder of a lab that runs for the whole session."""
    folder = tmp_path_factory.mktemp("shared-lab")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CHAOS_STATE_DIR", str(folder))
        patch.setenv("CHAOS_LAB_PORTS", "free")
        up()
        patch.undo()
        yield folder
        patch.setenv("CHAOS_STATE_DIR", str(folder))
        down()


@pytest.fixture
def shared_lab(shared_lab_state: Path, own_folders: Path, monkeypatch: pytest.MonkeyPatch) -> LabState:
    """The shared lab, as `chaos lab up` leaves it: for tests that take away what they put in."""
    monkeypatch.setenv("CHAOS_STATE_DIR", str(shared_lab_state))
    state = read(lab_dir())
    assert state is not None
    return state


@pytest.fixture
def own_lab(monkeypatch: pytest.MonkeyPatch) -> Iterator[LabState]:
    """A lab of this test alone, to be broken."""
    monkeypatch.setenv("CHAOS_LAB_PORTS", "free")
    up()
    state = read(lab_dir())
    assert state is not None
    yield state
    down()
