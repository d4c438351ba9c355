"""Compose files in a folder of the test's own."""

from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture
def compose(tmp_path: Path) -> Callable[..., Path]:
    """compose("services: ...", name="x.yml") -> where it stands."""

    def write(text: str, name: str = "docker-compose.yml") -> Path:
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file

    return write
