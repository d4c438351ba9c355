"""`chaos freeze` against a real `chaos run` that holds a fault, and killed with -9 at any moment of its own."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from chaoslib_ext.proxy.client import Client
from chaoslib_ext.safety import freeze
from chaoslib_ext.testing.upstream import Upstream, http

pytestmark = pytest.mark.joins("cli", "control", "faults", "record", "safety", "undo")

EXPERIMENT = """
title: Does it hold?
description: A test.
method:
  - {type: action, name: slow, provider: {type: python, module: actions.toxics, func: add_latency,
     arguments: {proxy: web-http, latency_ms: 40}}}
  - {type: action, name: wait, provider: {type: process, path: sleep, arguments: "300"}}
"""
CONTROL = "record: {provider: {type: python, module: chaoslib_ext.control}}\n"
CHAOS = [str(Path(sys.executable).with_name("chaos")), "--no-version-check", "--no-log-file"]


@pytest.fixture
def client(embedded: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    """A server with a proxy, before a service that answers."""
    monkeypatch.setenv("TOXIPROXY_URL", embedded)
    with ExitStack() as stack:
        found = Client(embedded)
        found.create("web-http", stack.enter_context(Upstream(http)).address)
        yield found


def chaos(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*CHAOS, *words], capture_output=True, text=True, timeout=90, check=False)


def wait_for(what: str, is_so: Callable[[], Any], patience: float = 60) -> None:
    deadline = time.monotonic() + patience
    while not is_so():
        assert time.monotonic() < deadline, f"never: {what}"
        time.sleep(0.02)


@pytest.fixture
def run(own_folders: Path) -> Iterator[Callable[[], subprocess.Popen[str]]]:
    """Start `chaos run` in a session of its own; it is killed afterwards if it still runs."""
    (own_folders / "x.yaml").write_text(EXPERIMENT)
    (own_folders / "control.yaml").write_text(CONTROL)
    started: list[subprocess.Popen[str]] = []

    def start() -> subprocess.Popen[str]:
        command = [*CHAOS, "run", "--control-file", "control.yaml", "x.yaml"]
        pipe = subprocess.PIPE
        one = subprocess.Popen(command, cwd=own_folders, stdout=pipe, stderr=pipe, text=True, start_new_session=True)
        started.append(one)
        return one

    yield start
    for one in started:
        if one.poll() is None:
            os.killpg(one.pid, signal.SIGKILL)
        one.communicate()


def test_a_run_that_holds_a_fault_is_stopped_undone_and_the_next_is_refused(
    client: Client, run: Callable[[], subprocess.Popen[str]]
) -> None:
    child = run()
    wait_for("the fault is in", lambda: client.toxics("web-http"))
    (on,) = json.loads(chaos("live", "--json").stdout)["faults"]
    assert on["alive"] and on["pid"] == child.pid and on["seen"]
    frozen = chaos("freeze", "--why", "checkout is down", "--json")
    assert frozen.returncode == 0, frozen.stderr
    (stopped,) = json.loads(frozen.stdout)["stopped"]
    assert stopped["run"] == on["run"] and stopped["clean"]
    assert [(one["status"], one["verified"]) for one in stopped["results"]] == [("undone", True)]
    assert not client.toxics("web-http")
    assert child.wait(60) == 1, "a run that was stopped is not green"
    assert chaos("live").stdout.startswith("Nothing is on.")
    verified = chaos("journal", "verify", on["run"])
    assert verified.returncode == 0, verified.stdout
    second = run()
    _, said = second.communicate(timeout=60)
    assert second.returncode == 1 and "no run may begin: everything is frozen" in said
    assert "checkout is down" in said and "Nothing was injected." in said and not client.toxics("web-http")
    assert chaos("undo", "--all").returncode == 0, "undoing works under a freeze"
    assert chaos("thaw").returncode == 0
    run()
    wait_for("the fault is in again", lambda: client.toxics("web-http"))


AT_A_STEP = """
import os, signal, sys
from chaoslib_ext.cli.freeze import freeze
def die(*_): os.kill(os.getpid(), signal.SIGKILL)
if sys.argv[1] == "before it is written":
    os.replace = die
elif sys.argv[1] == "before it is synced":
    os.fsync = die
else:
    signal.pidfd_send_signal = die
freeze(["--why", "killed"], standalone_mode=False)
"""


@pytest.mark.parametrize("step", ["before it is synced", "before it is written", "before it stops what runs"])
def test_killed_in_the_middle_it_is_whole_or_not_there_and_may_be_said_again(
    client: Client, run: Callable[[], subprocess.Popen[str]], step: str, own_folders: Path
) -> None:
    child = run()
    wait_for("the fault is in", lambda: client.toxics("web-http"))
    killed = subprocess.run([sys.executable, "-c", AT_A_STEP, step], timeout=60, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert (freeze.read() is not None) == (step == "before it stops what runs")
    assert child.poll() is None and client.toxics("web-http")
    again = chaos("freeze", "--why", "again")
    assert again.returncode == 0, again.stderr
    assert child.wait(60) == 1 and not client.toxics("web-http")
    assert freeze.refusal() is not None


@pytest.fixture
def read_only() -> Iterator[Callable[[Path], None]]:
    """Make a folder read-only, for root too; needs the right to mount."""
    done: list[Path] = []

    def make(folder: Path) -> None:
        if subprocess.run(["mount", "--bind", folder, folder], capture_output=True, check=False).returncode:
            pytest.skip("a file system of its own can't be mounted here")
        done.append(folder)
        remount = ["mount", "-o", "remount,ro,bind", folder]
        # busy while the run has a file open in there for writing, which it does for moments only
        wait_for("it is read-only", lambda: not subprocess.run(remount, capture_output=True, check=False).returncode)

    yield make
    for folder in done:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_state_folder_that_became_read_only_is_told_and_what_runs_is_stopped_all_the_same(
    client: Client,
    run: Callable[[], subprocess.Popen[str]],
    own_folders: Path,
    read_only: Callable[[Path], None],
) -> None:
    child = run()
    wait_for("the fault is in", lambda: client.toxics("web-http"))
    read_only(own_folders / "state")
    frozen = chaos("freeze", "--why", "checkout is down")
    assert frozen.returncode == 1 and "cannot be written" in frozen.stderr and "nothing is frozen" in frozen.stderr
    assert "Traceback" not in frozen.stderr and not client.toxics("web-http")
    child.wait(60)
    assert freeze.refusal() is None
