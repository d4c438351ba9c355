"""Advice is right where it is read: no process of another pid namespace or machine is offered for killing."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from chaoslib_ext.clock import boot_id
from chaoslib_ext.processes import is_stopped
from chaoslib_ext.undo.log import logs
from chaoslib_ext.undo.owner import machine
from chaoslib_ext.undo.presence import gives_signs, is_unwatched

pytestmark = pytest.mark.joins("cli", "faults")
needs_root = pytest.mark.skipif(
    os.getuid() != 0 or not shutil.which("unshare"), reason="only root can make a pid namespace"
)

INSIDE = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child=SIGKILL"]
RUN = """
import sys
from actions import toxics
toxics.add_latency("web-http", 40)
print("in", flush=True)
sys.stdin.read()
"""
COMMANDS = (("live", "--only-look"), ("doctor", "--only-look"), ("undo",), ("freeze", "--why", "x"))


@pytest.fixture
def apart(scene: Any) -> Iterator[subprocess.Popen[str]]:
    """A run with a fault in, in a pid namespace of its own that shares the state folder."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([*INSIDE, sys.executable, "-c", RUN], text=True, start_new_session=True, **pipes) as process:  # type: ignore[call-overload]
        assert process.stdout.readline() == "in\n"
        yield process
        process.kill()


def offered(said: str) -> list[str]:
    """Every process that it names, and every word that would end one."""
    return re.findall(r"\bkill\b[^;\n]*|\bprocess \d+|\bfuser\b.*", said)


def until(is_so: Callable[[], Any]) -> None:
    deadline = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@needs_root
@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: words[0])
def test_a_run_in_another_container_is_no_process_here(
    apart: subprocess.Popen[str], chaos: Any, words: tuple[str, ...]
) -> None:
    done = chaos(*words)
    said = done.stdout + done.stderr
    assert "in another container of this machine" in said and offered(said) == [], said


@needs_root
def test_frozen_it_loses_its_faults_and_is_told_where_to_be_ended(
    apart: subprocess.Popen[str], scene: Any, chaos: Any
) -> None:
    done = chaos("freeze", "--why", "x", "--json")
    (one,) = json.loads(done.stdout)["stopped"]
    assert (one["pid"], one["ended"], one["clean"]) == (None, False, True)
    assert scene.faults() == []
    assert "stop its container" in chaos("freeze", "--why", "x").stdout


@needs_root
def test_who_holds_a_link_is_told_the_same_way(apart: subprocess.Popen[str], victim: Any) -> None:
    other = victim("""
        from chaoslib_ext.errors import GuardRefused
        try:
            toxics.add_latency("web-http", 40)
        except GuardRefused as error:
            assert "in another container of this machine" in str(error) and "process" not in str(error), error
        else:
            sys.exit("it went in")
    """)
    other.is_in()


@needs_root
def test_a_stopped_watchdog_is_named_only_where_it_is_a_process(
    apart: subprocess.Popen[str], chaos: Any, scene: Any
) -> None:
    (watchdog,) = [pid for pid in _below(apart.pid) if b"faults.watch" in _command(pid)]
    os.kill(watchdog, signal.SIGSTOP)
    until(lambda: is_stopped(watchdog))
    os.kill(_child(apart.pid), signal.SIGSTOP)  # else it would start another one
    until(lambda: is_unwatched(logs()[0].path))
    doctor = [sys.executable, "-m", "chaostoolkit", "--no-version-check", "--no-log-file", "doctor", "--only-look"]
    there = subprocess.run([*INSIDE, *doctor], capture_output=True, text=True, check=False).stdout
    assert "watchdog of run" in there and "in another container" in there and re.findall(r"kill -CONT \d", there) == []
    here = chaos("doctor", "--only-look").stdout
    (typed,) = re.findall(r"kill -CONT \d+", here)
    assert subprocess.run(typed.split(), check=False).returncode == 0
    until(lambda: gives_signs(logs()[0].path, 1))


def _child(pid: int) -> int:
    return int(Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])


def _below(pid: int) -> list[int]:
    import psutil

    return [child.pid for child in psutil.Process(pid).children(recursive=True)]


def _command(pid: int) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes()


@pytest.mark.skipif(not machine(), reason="this machine has no id")
@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: words[0])
def test_a_run_of_another_machine_is_no_process_here(
    scene: Any, victim: Any, chaos: Any, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    runner = victim('toxics.add_latency("web-http", 40)')
    runner.is_in()
    log = logs()[0].path
    there = tmp_path / "there"
    (there / "undo").mkdir(parents=True, mode=0o700)
    there.chmod(0o700)
    text = log.read_text().replace(boot_id(), "another-boot").replace(machine(), "0123456789abcdef")
    (there / "undo" / log.name).write_text(text)
    (there / "undo" / log.name).chmod(0o600)
    monkeypatch.setenv("CHAOS_STATE_DIR", str(there))
    done = chaos(*words)
    said = done.stdout + done.stderr
    assert "on another machine, of " in said and offered(said) == [], said
    (typed,) = set(re.findall(r"chaos undo --run \w+", said)) or {f"chaos undo --run {log.stem}"}
    assert chaos(*typed.split()[1:]).returncode == 0, "it works when it is typed here"
