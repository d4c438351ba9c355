"""A scene of the selftest's own, one for all tests of a module."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from chaoslib_ext.selftest.scene import Scene, scene


@pytest.fixture(scope="module")
def at(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """Its server is the embedded one."""
    with scene("embedded", tmp_path_factory.mktemp("scene")) as it:
        yield it


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty one, for a victim."""
    made = tmp_path / "victim"
    made.mkdir()
    return made
