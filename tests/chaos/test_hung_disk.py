"""A disk that hangs (journal or state folder): whatever ends the run, no fault is on a few seconds later."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from chaoslib_ext.record.read import events, verify

pytestmark = [
    pytest.mark.joins("cli", "faults", "undo", "record"),
    pytest.mark.joins("control", "host", "record", "undo"),
]

SOON = 5.0
"""Seconds after which no fault may be on."""
EXPERIMENT = """
title: Does it wait for its disk?
description: No.
controls:
  - {name: record, provider: {type: python, module: chaoslib_ext.control}}
method:
  - {type: action, name: slow, provider: {type: python, module: actions.toxics, func: add_latency,
     arguments: {proxy: web-http, latency_ms: 40}}}
  - {type: action, name: down, provider: {type: python, module: actions.proxies, func: down,
     arguments: {proxy: orders-postgresql}}, pauses: {after: PAUSE}}
"""


class Disk:
    """A file system of its own, on a loop device, that can be made to hang."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self._is_frozen = False

    def freeze(self) -> None:
        subprocess.run(["fsfreeze", "--freeze", str(self.place)], check=True)
        self._is_frozen = True

    def thaw(self) -> None:
        if self._is_frozen:
            subprocess.run(["fsfreeze", "--unfreeze", str(self.place)], check=True)
            self._is_frozen = False


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    image, place = tmp_path / "image", tmp_path / "disk"
    place.mkdir()
    with image.open("wb") as file:
        file.truncate(24 << 20)
    made = subprocess.run(["mkfs.ext4", "-q", str(image)], capture_output=True, check=False)
    mounted = made.returncode or subprocess.run(
        ["mount", "-o", "loop", str(image), str(place)], capture_output=True, check=False
    )
    if mounted if isinstance(mounted, int) else mounted.returncode:
        pytest.skip("a file system of its own can't be mounted here")
    place.chmod(0o700)
    it = Disk(place)
    yield it
    it.thaw()
    subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.fixture
def start(scene: Any, tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start `chaos run` and wait until its faults are in."""
    started: list[subprocess.Popen[str]] = []

    def run(pause: float = 60, more: str = "", **folders: Path) -> subprocess.Popen[str]:
        experiment = tmp_path / "x.yaml"
        experiment.write_text(EXPERIMENT.replace("PAUSE", f"{pause:g}") + more)
        names = {"state": "CHAOS_STATE_DIR", "journal": "CHAOS_JOURNAL_DIR"}
        one = subprocess.Popen(
            [str(Path(sys.executable).with_name("chaos")), "--no-version-check", "run", str(experiment)],
            cwd=tmp_path,
            env=os.environ | {names[name]: str(folder) for name, folder in folders.items()},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        started.append(one)
        deadline = time.monotonic() + 60
        while len(scene.faults()) < 2:
            assert one.poll() is None and time.monotonic() < deadline, "its faults did not come in"
            time.sleep(0.02)
        return one

    yield run
    for one in started:
        one.kill()
        one.communicate()


@pytest.mark.parametrize("hangs", ["journal", "state"])
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT], ids=lambda one: one.name)
def test_ended_while_its_disk_hangs_a_run_leaves_no_fault(
    scene: Any, disk: Disk, start: Callable[..., subprocess.Popen[str]], hangs: str, number: signal.Signals
) -> None:
    run = start(**{hangs: disk.place / hangs})
    disk.freeze()
    run.send_signal(number)
    scene.is_without_faults_soon(SOON)
    disk.thaw()
    run.communicate(timeout=60)


@pytest.mark.parametrize("hangs", ["journal", "state"])
def test_a_run_that_comes_to_its_end_while_its_disk_hangs_leaves_no_fault(
    scene: Any, disk: Disk, start: Callable[..., subprocess.Popen[str]], hangs: str
) -> None:
    run = start(pause=2, **{hangs: disk.place / hangs})
    disk.freeze()
    scene.is_without_faults_soon(2 + SOON)
    disk.thaw()
    said, _ = run.communicate(timeout=60)
    assert run.returncode != 0 or hangs == "state", said


def test_killed_in_the_middle_of_a_line_a_run_leaves_no_fault(
    scene: Any, disk: Disk, start: Callable[..., subprocess.Popen[str]]
) -> None:
    """The thread that writes cannot be killed before its disk answers, so the process does not end either."""
    run = start(pause=1, journal=disk.place / "journal")
    disk.freeze()
    deadline = time.monotonic() + 30
    while "D" not in _states(run.pid):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    run.kill()
    scene.is_without_faults_soon(SOON)
    assert run.poll() is None
    disk.thaw()
    run.communicate(timeout=60)


def test_a_signal_that_the_main_thread_cannot_take_ends_the_faults_all_the_same(
    scene: Any, disk: Disk, tmp_path: Path, start: Callable[..., subprocess.Popen[str]]
) -> None:
    """An activity waits for the disk, in the thread that should hear the signal."""
    run = start(pause=1, more=WAITS.format(path=disk.place / "folder"))
    disk.freeze()
    deadline = time.monotonic() + 30
    while _states(run.pid)[0] != "D":
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert len(scene.faults()) == 2
    run.send_signal(signal.SIGTERM)
    scene.is_without_faults_soon(SOON)
    disk.thaw()
    said, _ = run.communicate(timeout=60)
    assert run.returncode != 0, said
    assert "it did not react to the signal that should end it" in said and "sign of life" not in said


WAITS = """
  - {{type: action, name: waits, provider: {{type: python, module: os, func: mkdir, arguments: {{path: {path}}}}}}}
"""


def _states(pid: int) -> str:
    """One letter for each of its threads, the main thread's first."""
    stats = [path.read_text() for path in sorted(Path(f"/proc/{pid}/task").glob("*/stat"))]
    return "".join(stat.rpartition(")")[2].split()[0] for stat in stats)


def test_a_record_that_cannot_be_read_stops_no_undo(
    scene: Any, tmp_path: Path, start: Callable[..., subprocess.Popen[str]], watchdog_of: Callable[[int], int]
) -> None:
    """A pipe in its place stands for a network disk whose server is gone: opening it waits for ever."""
    run = start(journal=tmp_path / "journal")
    (record,) = (tmp_path / "journal" / "runs").iterdir()
    (record / "events.jsonl").rename(record / "kept")
    os.mkfifo(record / "events.jsonl")
    watchdog = watchdog_of(run.pid)
    try:
        run.kill()
        scene.is_without_faults_soon(SOON)
    finally:
        os.kill(watchdog, signal.SIGKILL)  # it waits for the record


@pytest.mark.parametrize("hangs", ["journal", "state"])
def test_a_person_undoes_while_the_disk_hangs_and_hears_what_could_not_be_written(
    scene: Any,
    disk: Disk,
    start: Callable[..., subprocess.Popen[str]],
    watchdog_of: Callable[[int], int],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    hangs: str,
) -> None:
    monkeypatch.setenv({"state": "CHAOS_STATE_DIR", "journal": "CHAOS_JOURNAL_DIR"}[hangs], str(disk.place / hangs))
    run = start()
    run.send_signal(signal.SIGSTOP)  # so that it starts no other watchdog
    os.kill(watchdog_of(run.pid), signal.SIGKILL)
    run.kill()
    run.wait(30)
    assert len(scene.faults()) == 2
    disk.freeze()
    told = tmp_path / "told"
    with told.open("w") as output:
        by_hand = subprocess.Popen(
            [str(Path(sys.executable).with_name("chaos")), "--no-version-check", "undo", "--all"],
            cwd="/",
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    scene.is_without_faults_soon(20)
    deadline = time.monotonic() + 60
    while "but the undo log" not in told.read_text() and "but its record" not in told.read_text():
        assert time.monotonic() < deadline, told.read_text()
        time.sleep(0.05)
    disk.thaw()  # the process ends once its disk answers
    assert by_hand.wait(60) == 6, told.read_text()


@pytest.mark.parametrize(("command", "code"), [("live", 6), ("doctor", 1), ("freeze --why x", 1)])
def test_the_next_command_undoes_what_a_dead_run_left_while_the_disk_hangs_and_says_what_could_not_be_written(
    scene: Any,
    disk: Disk,
    start: Callable[..., subprocess.Popen[str]],
    watchdog_of: Callable[[int], int],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    command: str,
    code: int,
) -> None:
    monkeypatch.setenv("CHAOS_STATE_DIR", str(disk.place / "state"))
    run = start()
    run.send_signal(signal.SIGSTOP)  # so that it starts no other watchdog
    os.kill(watchdog_of(run.pid), signal.SIGKILL)
    run.kill()
    run.wait(30)
    assert len(scene.faults()) == 2
    disk.freeze()
    told = tmp_path / "told"
    with told.open("w") as output:
        next_command = subprocess.Popen(
            [str(Path(sys.executable).with_name("chaos")), "--no-version-check", *command.split()],
            cwd="/",
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    scene.is_without_faults_soon(30)
    deadline = time.monotonic() + 60
    while "all that could be undone is undone, but the undo log" not in told.read_text():
        assert time.monotonic() < deadline, told.read_text()
        time.sleep(0.05)
    disk.thaw()  # the process ends once its disk answers
    assert next_command.wait(60) == code, told.read_text()


def test_killed_while_its_journal_hangs_a_run_leaves_a_record_that_does_not_look_changed(
    scene: Any,
    disk: Disk,
    start: Callable[..., subprocess.Popen[str]],
    chaos: Callable[..., subprocess.CompletedProcess[str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CHAOS_JOURNAL_DIR", str(disk.place / "journal"))
    run = start()
    disk.freeze()
    run.kill()
    scene.is_without_faults_soon(SOON)
    time.sleep(3)  # the watchdog is at the record now
    disk.thaw()
    (record,) = (disk.place / "journal" / "runs").iterdir()
    deadline = time.monotonic() + 60
    while (found := verify(record)).state != "ok":
        assert found.state == "open", found
        assert time.monotonic() < deadline, found
        time.sleep(0.02)
    kinds = [event["kind"] for event in events(record)]
    assert kinds.count("run.died") == 1 and kinds.count("fault.undone") == 2


@pytest.mark.parametrize("hangs", ["journal", "state"])
def test_doctor_names_the_disk_that_hangs_and_comes_to_its_end(
    disk: Disk, chaos: Callable[..., subprocess.CompletedProcess[str]], monkeypatch: pytest.MonkeyPatch, hangs: str
) -> None:
    monkeypatch.setenv({"state": "CHAOS_STATE_DIR", "journal": "CHAOS_JOURNAL_DIR"}[hangs], str(disk.place / hangs))
    chaos("doctor")  # which makes the folder
    (disk.place / hangs).mkdir(mode=0o700, exist_ok=True)
    disk.freeze()
    found = chaos("doctor")
    assert f"the {hangs} folder {disk.place / hangs} cannot be written: its disk does not answer" in found.stdout
    assert found.returncode == 1
