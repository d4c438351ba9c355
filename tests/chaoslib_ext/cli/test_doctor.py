"""`chaos doctor`: in words and as JSON, and an exit code that says whether something is wrong."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from chaoslib_ext.cli.doctor import doctor
from chaoslib_ext.folders import state_dir


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    file = tmp_path / "settings.yaml"
    file.write_text("controls:\n  ours:\n    provider: {type: python, module: chaoslib_ext.control}\n")
    return file


def asked(settings: Path, *args: str) -> tuple[int, str]:
    result = CliRunner().invoke(doctor, args, obj={"settings_path": str(settings)})
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


def test_all_is_well(settings: Path) -> None:
    code, said = asked(settings)
    assert code == 0, said
    assert "✓ our control is in" in said and "✗" not in said


@pytest.mark.joins("cli", "doctor")
def test_what_is_wrong_comes_first_with_its_cure(settings: Path) -> None:
    state = state_dir()
    state.chmod(0o777)
    code, said = asked(settings)
    assert code == 1 and said.startswith(f"✗ the folder {state} has mode 777") and "(chmod 700 it)" in said


def test_the_same_as_json(settings: Path) -> None:
    state_dir().chmod(0o777)
    code, said = asked(settings, "--json")
    told = json.loads(said)
    assert code == 1 and told["ok"] is False and any("chmod 700" in one["says"] for one in told["findings"])


def test_settings_that_cannot_be_read(settings: Path) -> None:
    settings.write_text("{")
    code, said = asked(settings)
    assert code == 1 and "cannot be read, so no control in them works" in said
