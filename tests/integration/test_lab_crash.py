"""kill -9 of any process of the lab, and of `chaos lab up` at any moment: the next `up` and `down` leave it clean."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from chaoslib_ext.lab.layout import SERVICES

pytestmark = [pytest.mark.joins("cli", "lab"), pytest.mark.joins("lab", "proxy", "postgresql", "valkey")]

CHAOS = [str(Path(sys.executable).with_name("chaos")), "--no-version-check"]
PROCESSES = ["toxiproxy", "postgres", "valkey", *(service.name for service in SERVICES)]
QUICK = {"toxiproxy", "postgres", "orders"}
EACH = [name if name in QUICK else pytest.param(name, marks=pytest.mark.full) for name in PROCESSES]


@dataclass
class Lab:
    """A lab in a state folder of its own, driven through the command line."""

    state: Path
    cwd: Path

    @property
    def folder(self) -> Path:
        return self.state / "lab"

    @property
    def env(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("CHAOS_", "TOXIPROXY"))}
        return {**kept, "CHAOS_STATE_DIR": str(self.state), "CHAOS_LAB_PORTS": "free", "HOME": str(self.cwd)}

    def chaos(self, *args: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [*CHAOS, "lab", *args], cwd=self.cwd, env=self.env, capture_output=True, text=True, timeout=90, check=False
        )
        assert "Traceback" not in done.stderr
        return done

    def start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [*CHAOS, "lab", "up"], cwd=self.cwd, env=self.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def written(self) -> dict[str, Any]:
        try:
            told: dict[str, Any] = json.loads((self.folder / "lab.json").read_text())
        except FileNotFoundError:
            return {}
        return told

    def pid(self, name: str) -> int:
        return int(self.written()["processes"][name]["pid"])

    def running(self) -> list[str]:
        """Every process on this machine that carries this lab's mark, or works in its folder."""
        found = []
        for process in psutil.process_iter():
            try:
                mine = process.environ().get("CHAOS_LAB") == str(self.folder) or str(self.folder) in process.cmdline()
                if mine and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(f"{process.name()} ({process.pid})")
            except (psutil.Error, OSError):
                continue
        return found

    def assert_whole(self) -> None:
        status = self.chaos("status", "--json")
        assert status.returncode == 0, status.stdout

    def assert_nothing_left(self) -> None:
        assert self.chaos("down").returncode == 0
        assert self.running() == []
        assert not self.folder.exists()
        servers = json.loads((self.state / "servers.json").read_text())["servers"]
        assert servers == []


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    lab = Lab(tmp_path / "state", tmp_path)
    yield lab
    lab.chaos("purge")
    assert lab.running() == []


def wait_for(what: str, is_so: Any, patience: float = 30.0) -> None:
    deadline = time.monotonic() + patience
    while not is_so():
        assert time.monotonic() < deadline, f"never: {what}"
        time.sleep(0.002)


@pytest.mark.parametrize("name", EACH)
def test_any_process_may_be_killed(lab: Lab, name: str) -> None:
    assert lab.chaos("up").returncode == 0
    os.kill(lab.pid(name), signal.SIGKILL)
    broken = lab.chaos("status")
    assert broken.returncode == 1
    assert "chaos lab reset" in broken.stdout
    assert lab.chaos("up").returncode == 0
    lab.assert_whole()
    lab.assert_nothing_left()


def test_all_of_them_may_be_killed_at_once(lab: Lab) -> None:
    assert lab.chaos("up").returncode == 0
    for name in PROCESSES:
        os.kill(lab.pid(name), signal.SIGKILL)
    lab.assert_nothing_left()


@pytest.mark.parametrize("name", EACH)
def test_up_may_be_killed_while_it_starts_any_part(lab: Lab, name: str) -> None:
    up = lab.start()
    wait_for(f"{name} is written down", lambda: name in lab.written().get("processes", {}))
    up.kill()
    up.wait()
    assert lab.chaos("status").returncode == 1
    assert lab.chaos("up").returncode == 0
    lab.assert_whole()
    lab.assert_nothing_left()


def test_up_killed_half_way_is_cleaned_by_down_alone(lab: Lab) -> None:
    up = lab.start()
    wait_for("checkout runs", lambda: lab.written().get("processes", {}).get("checkout", {}).get("pid"))
    up.kill()
    up.wait()
    assert lab.running()
    lab.assert_nothing_left()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_up_stopped_by_a_signal_cleans_up_itself(lab: Lab, number: signal.Signals) -> None:
    up = lab.start()
    wait_for("postgres is written down", lambda: "postgres" in lab.written().get("processes", {}))
    up.send_signal(number)
    assert up.wait(30) in (128 + number, 130)
    assert lab.running() == []
    assert not (lab.folder / "lab.json").exists()
    assert not (lab.folder / "data").exists()


def test_two_at_once_make_one_lab(lab: Lab) -> None:
    both = [lab.start(), lab.start()]
    assert [up.wait(60) for up in both] == [0, 0]
    lab.assert_whole()
    assert len(lab.written()["processes"]) == len(PROCESSES)
    lab.assert_nothing_left()


def test_the_lab_outlives_the_terminal_that_brought_it_up(lab: Lab) -> None:
    """Each process has a session of its own, so a hang-up of ours reaches none of them."""
    assert lab.chaos("up").returncode == 0
    sessions = {name: os.getsid(lab.pid(name)) for name in PROCESSES}
    assert sessions == {name: lab.pid(name) for name in PROCESSES}


@pytest.mark.skipif(os.geteuid() != 0, reason="not root, so every other test here shows it")
def test_an_ordinary_user_needs_nothing_special(lab: Lab) -> None:
    """Seen from inside a user namespace root is an ordinary user; so is PostgreSQL, started plainly."""
    user = ["unshare", "--user", "--map-user=1000", "--map-group=1000"]
    for command in ("up", "status", "down"):
        done = subprocess.run(
            [*user, *CHAOS, "lab", command], cwd=lab.cwd, env=lab.env, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
    assert lab.running() == []


def test_a_state_folder_that_cannot_be_written_is_told_in_one_line(lab: Lab) -> None:
    lab.state.mkdir()
    (lab.state / "lab").write_text("a file where the folder should be")
    up = lab.chaos("up")
    assert up.returncode == 1
    assert "CHAOS_STATE_DIR" in up.stderr
    assert len(up.stderr.strip().splitlines()) == 1
    (lab.state / "lab").unlink()
