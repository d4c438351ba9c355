"""The unit that finishes the job at boot."""

import configparser
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from chaoslib_ext.errors import BadInput
from chaoslib_ext.faults import service
from chaoslib_ext.folders import state_dir


@pytest.fixture(autouse=True)
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path / "config" / "systemd" / "user"


def parsed(text: str) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(text)
    return parser


def test_it_undoes_everything_of_this_state_folder_once() -> None:
    unit = parsed(service.unit())
    command = shlex.split(unit["Service"]["ExecStart"])
    assert Path(command[0]).name == "chaos" and Path(command[0]).is_absolute()
    assert command[-2:] == ["undo", "--all"]
    assert unit["Service"]["Environment"] == f"CHAOS_STATE_DIR={state_dir()}"
    assert (unit["Service"]["Type"], unit["Install"]["WantedBy"]) == ("oneshot", "default.target")


def test_its_command_is_one_that_works() -> None:
    done = subprocess.run(
        shlex.split(parsed(service.unit())["Service"]["ExecStart"]), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0 and "Nothing to undo" in done.stdout, done.stderr


@pytest.mark.parametrize("name", ["state", "with a blank", "50%", "a$b", 'a"quote', "back\\slash"])
def test_odd_names_of_folders_are_written_as_systemd_reads_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("CHAOS_STATE_DIR", str(tmp_path / name))
    value = parsed(service.unit())["Service"]["Environment"].replace("%%", "%")
    assert (shlex.split(value) if value.startswith('"') else [value]) == [f"CHAOS_STATE_DIR={tmp_path / name}"]


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd here")
def test_systemd_finds_nothing_wrong_with_it(tmp_path: Path) -> None:
    file = tmp_path / service.NAME
    file.write_text(service.unit())
    checked = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(file)], capture_output=True, text=True, check=False
    )
    ours = [line for line in checked.stderr.splitlines() if service.NAME in line]
    assert not ours, checked.stderr


def test_installed_enabled_and_taken_away(config: Path) -> None:
    done = service.install()
    assert done.path == config / service.NAME and done.path.read_text() == service.unit()
    assert (config / "default.target.wants" / service.NAME).resolve() == done.path
    assert service.install() == done, "twice is as good as once"
    assert service.uninstall() == done.path
    assert service.uninstall() is None
    assert not [one for one in config.rglob("*") if not one.is_dir()]


def test_a_folder_that_cannot_be_written_is_said(config: Path) -> None:
    config.parent.mkdir(parents=True)
    config.write_text("a file in its place")
    with pytest.raises(BadInput, match=r"cannot write the unit .*--print"):
        service.install()
