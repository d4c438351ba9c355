"""`chaos enable` and `chaos disable` as a person types them, and what they do to the next run."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from chaoslib_ext.cli.enable import disable, enable
from chaoslib_ext.record.shelf import listing


def test_the_commands_use_the_hosts_settings_option(tmp_path: Path) -> None:
    path = tmp_path / "s.yaml"

    def run(command: Any, *args: str) -> Any:
        return CliRunner().invoke(command, list(args), obj={"settings_path": str(path)})

    assert run(enable, "--check").exit_code == 1
    assert json.loads(run(enable, "--json").output) == {
        "enabled": True,
        "changed": True,
        "settings": str(path),
        "backup": None,
    }
    checked = run(enable, "--check")
    assert checked.exit_code == 0 and str(path) in checked.output
    assert "Disabled" in run(disable).output
    assert json.loads(run(enable, "--check", "--json").output)["enabled"] is False
    path.write_text("a: [")
    broken = run(enable)
    assert broken.exit_code == 2 and "no valid YAML" in broken.output


def test_the_next_run_is_recorded_and_after_disable_none_is(tmp_path: Path) -> None:
    experiment = {"title": "Is it recorded?", "description": "x", "method": [], "rollbacks": []}
    (tmp_path / "x.json").write_text(json.dumps(experiment))

    def chaos(*args: str) -> str:
        command = [sys.executable, "-m", "chaostoolkit", "--no-version-check", "--settings", "s.yaml", *args]
        env = {**os.environ, "NO_COLOR": "1"}
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True, env=env, timeout=60)
        return done.stdout

    assert "Enabled" in chaos("enable")
    assert "Record" in chaos("run", "x.json")
    assert [one.title for one in listing()] == ["Is it recorded?"]
    chaos("disable")
    assert chaos("run", "x.json") == ""
    assert len(list(listing())) == 1
