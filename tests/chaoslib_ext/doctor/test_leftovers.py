"""Leftovers are told by name, with the command that takes them out; nothing is touched."""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from chaoslib_ext.doctor.leftovers import check
from chaoslib_ext.faults.inject import inject
from chaoslib_ext.faults.run import current, end_current
from chaoslib_ext.faults.toxic import Toxic
from chaoslib_ext.proxy.client import Client

VICTIM = """
import os, signal
from chaoslib_ext.faults.inject import inject
from chaoslib_ext.faults.run import current, end_current
from chaoslib_ext.faults.toxic import Toxic
inject(Toxic(proxy="web", type="noop"))
print(current().id, flush=True)
os.kill(current().watchdog.pid, signal.SIGKILL)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def client(embedded: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    monkeypatch.setenv("TOXIPROXY_URL", embedded)
    client = Client(embedded)
    client.create("web", "127.0.0.1:9")
    yield client
    end_current()


def test_nothing_is_left(client: Client) -> None:
    assert list(check()) == []


def test_a_run_that_goes_on_is_no_leftover(client: Client) -> None:
    inject(Toxic(proxy="web", type="noop"))
    (one,) = check()
    assert one.state == "note" and f"process {os.getpid()}" in one.says and current().id in one.says


@pytest.mark.joins("doctor", "faults")
def test_a_dead_runs_fault_and_the_command_that_takes_it_out(client: Client) -> None:
    done = subprocess.run([sys.executable, "-c", VICTIM], capture_output=True, text=True, check=False)
    run = done.stdout.strip()
    assert run, done.stderr
    wrong = [one for one in check() if one.state == "wrong"]
    assert wrong and all(run in one.says and one.fix == f"chaos undo --run {run}" for one in wrong)
    assert any(toxic.name.startswith(f"cx-{run}") for toxic in client.toxics("web")), "a doctor only looks"


def test_a_toxic_of_ours_that_nobody_here_knows(client: Client) -> None:
    client.add_toxic("web", "noop", name="cx-abc123-noop")
    client.add_toxic("web", "noop", name="somebodys")
    one, other = sorted(check(), key=lambda one: one.state, reverse=True)
    assert one.state == "wrong" and "cx-abc123-noop" in one.says
    assert other.state == "note" and "made by hand" in other.says
    assert one.fix.endswith("/proxies/web/toxics/cx-abc123-noop")


def test_a_proxy_that_somebody_disabled_is_reported_and_left_alone(client: Client) -> None:
    client.update("web", enabled=False)
    (one,) = check()
    assert one.state == "note" and "web" in one.says and not client.proxy("web").enabled
