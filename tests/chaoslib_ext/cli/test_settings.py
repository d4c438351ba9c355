"""`chaos enable` and `disable` change one entry of the settings, and not a byte more."""

import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from chaoslib_ext.cli._settings import NAME, Settings
from chaoslib_ext.errors import BadFile, BadInput

OURS = {"provider": {"type": "python", "module": "chaoslib_ext.control"}}

LAYOUTS = {
    "missing": None,
    "empty": "",
    "only a remark": "# nothing yet\n",
    "no controls": "# mine\nauths:\n  example.com: {type: bearer, value: 'a  b'}  # odd spacing\n\n\n"
    "runtime:\n    rollbacks:\n        strategy: always\n",
    "no newline at the end": "runtime: {hypothesis: {strategy: default}}",
    "controls of others": "controls:\n    # first\n    other:\n        provider:\n            type: python\n"
    "            module: other.control\n    # last\nauths: {}\n",
    "controls in braces": "controls: {other: {provider: {type: python, module: x}}}\nauths: {}\n",
    "controls empty": "controls: {}  # none\nauths: {}\n",
    "controls null": "controls:\nauths: {}\n",
    "controls last and null": "auths: {}\ncontrols:",
    "controls deep": "controls:\n  a:\n    provider:\n      arguments:\n        - x\n        - |\n          text\n\n"
    "  b: {provider: {type: http}}\n",
    "windows": "auths: {}\r\ncontrols:\r\n  other: {provider: {type: http}}\r\n",
    "json": '{"auths": {}, "controls": {"o": {"provider": {"type": "python", "module": "m"}}}}\n',
    "json without": '{"auths": {}}\n',
    "json empty": "{}\n",
    "tabs and unicode": 'auths:\n  é: {value: "\\u00e9\t"}\n',
    "document start": "---\nauths: {}\n",
    "remark at the end": "controls:\n  other: {provider: {type: http}}\n  # this belongs to other\n\n# the end\n",
}


def meant(text: str | None) -> Any:
    return yaml.safe_load(text or "") or {}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_enable_adds_one_entry_and_disable_takes_it_out_byte_for_byte(tmp_path: Path, layout: str) -> None:
    path, text = tmp_path / "home/settings.yaml", LAYOUTS[layout]
    if text is not None:
        path.parent.mkdir()
        path.write_bytes(text.encode())
    change = Settings.read(path).enable()
    assert change.changed and change.backup is None, "it had to write the file anew"
    found = meant(path.read_bytes().decode())
    assert found["controls"].pop(NAME) == OURS
    assert {**found, "controls": found["controls"] or {}} == {
        **meant(text),
        "controls": meant(text).get("controls") or {},
    }
    for line in (text or "").splitlines():
        if "controls" not in line and not line.startswith("{"):
            assert line in path.read_bytes().decode().splitlines()
    assert Settings.read(path).disable().changed
    after = path.read_bytes().decode()
    if layout in ("json without", "json empty"):  # an empty mapping may stay there: it means nothing
        after = after.replace('"controls": {}, ', "").replace("controls: {}", "")
    assert after == (text or "") or after == f"{text}\n", "only a missing last newline may have come"


def test_twice_is_as_good_as_once(tmp_path: Path) -> None:
    path = tmp_path / "s.yaml"
    Settings.read(path).enable()
    once = path.read_bytes()
    assert not Settings.read(path).enable().changed
    assert path.read_bytes() == once
    Settings.read(path).disable()
    assert not Settings.read(path).disable().changed


def test_a_control_of_ours_under_another_name_counts(tmp_path: Path) -> None:
    path = tmp_path / "s.yaml"
    path.write_text(
        "controls:\n  record:  # by hand\n    provider:\n      type: python\n      module: chaoslib_ext.control\n"
    )
    assert not Settings.read(path).enable().changed
    Settings.read(path).disable()
    assert meant(path.read_text()).get("controls") in ({}, None)


@pytest.mark.parametrize("text", ["a: [", "- 1\n- 2\n", "controls: [1]\n", "text", "!!timestamp x", "\x00"])
def test_settings_that_are_broken_are_left_alone(tmp_path: Path, text: str) -> None:
    path = tmp_path / "s.yaml"
    path.write_bytes(text.encode())
    with pytest.raises(BadFile, match="nothing was changed"):
        Settings.read(path).enable()
    assert path.read_bytes() == text.encode()


def test_what_cannot_be_done_by_text_keeps_the_old_file_beside_the_new(tmp_path: Path) -> None:
    path = tmp_path / "s.yaml"
    text = "base: &base\n  other: {provider: {type: http}}  # kept in the copy\ncontrols: *base\n"
    path.write_text(text)
    change = Settings.read(path).enable()
    assert change.backup and change.backup.read_text() == text
    assert set(meant(path.read_text())["controls"]) == {"other", NAME}
    assert set(meant(path.read_text())["base"]) == {"other"}


def test_mode_and_link_of_the_file_stay(tmp_path: Path) -> None:
    real, link = tmp_path / "real.yaml", tmp_path / "s.yaml"
    real.write_text("auths: {}\n")
    real.chmod(0o640)
    link.symlink_to(real)
    Settings.read(link).enable()
    assert link.is_symlink() and real.stat().st_mode & 0o777 == 0o640 and NAME in real.read_text()


def test_a_new_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    Settings.read(tmp_path / "a/s.yaml").enable()
    assert (tmp_path / "a/s.yaml").stat().st_mode & 0o777 == 0o600


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    settings = Settings(tmp_path / "file/s.yaml", "", {})
    with pytest.raises(BadInput, match="nothing was changed"):
        settings.enable()


def test_what_is_no_file_is_not_replaced(tmp_path: Path) -> None:
    place = tmp_path / "s.yaml"
    settings = Settings.read(place)
    os.mkfifo(place)
    with pytest.raises(BadFile, match="are no file"):
        settings.enable()
    assert place.is_fifo()
