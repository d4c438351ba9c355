"""Probes inside a real `chaos run`: a secret shows up nowhere, and waiting ends when the run is ended."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from chaoslib_ext.testing.upstream import Upstream, http

SECRET = "so-very-secret-7f3a"
CHAOS = [str(Path(sys.executable).with_name("chaos")), "--no-version-check"]
CONTROL = "record: {provider: {type: python, module: chaoslib_ext.control}}\n"
ASKING = """
title: Does the shop answer those who say who they are?
description: A test.
secrets:
  shop:
    token: {type: env, key: SHOP_TOKEN}
    password: {type: env, key: SHOP_TOKEN}
configuration: {shop: "SHOP", nobody: "NOBODY"}
steady-state-hypothesis:
  title: It answers
  probes:
    - type: probe
      name: comes-back
      tolerance: [reached]
      provider:
        type: python
        module: probes.eventually
        func: reached
        arguments:
          probe:
            module: probes.http
            func: status
            arguments: {url: "http://${shop}/?key=${token}", headers: {Authorization: "Bearer ${token}"}}
          tolerance: 200
          within: 60s
method:
  - {type: probe, name: status, provider: {type: python, module: probes.http, func: status,
     arguments: {url: "http://me:${token}@${shop}/"}}}
  - {type: probe, name: refused, provider: {type: python, module: probes.http, func: status,
     arguments: {url: "http://${nobody}/?key=${token}", headers: {Authorization: "Bearer ${token}"}}}}
  - {type: probe, name: database, provider: {type: python, module: probes.sql, func: scalar,
     arguments: {url: "postgresql://me@${nobody}/shop", password: "${password}", query: SELECT 1}}}
  - {type: probe, name: cache, provider: {type: python, module: probes.cache, func: ping_ms,
     arguments: {url: "valkey://me:${token}@${nobody}", password: "${password}"}}}
"""
WAITING = """
title: Does it come?
description: A test.
method:
  - {type: probe, name: waiting, provider: {type: python, module: probes.eventually, func: reached,
     arguments: {probe: {module: probes.files, func: exists, arguments: {path: none}}, tolerance: true, within: 1h}}}
"""


@pytest.fixture
def run(own_folders: Path) -> Iterator[Callable[[str], subprocess.Popen[str]]]:
    """run(experiment) -> `chaos run` in a session of its own; it is killed afterwards if it still runs."""
    (own_folders / "control.yaml").write_text(CONTROL)
    started: list[subprocess.Popen[str]] = []

    def start(experiment: str) -> subprocess.Popen[str]:
        (own_folders / "x.yaml").write_text(experiment)
        command = [*CHAOS, "run", "--control-file", "control.yaml", "x.yaml"]
        pipe, env = subprocess.PIPE, {**os.environ, "SHOP_TOKEN": SECRET}
        one = subprocess.Popen(
            command, cwd=own_folders, env=env, stdout=pipe, stderr=pipe, text=True, start_new_session=True
        )
        started.append(one)
        return one

    yield start
    for one in started:
        if one.poll() is None:
            os.killpg(one.pid, signal.SIGKILL)
        one.communicate()


@pytest.mark.joins("control", "probes")
def test_a_secret_is_in_nothing_that_is_printed_or_kept(
    own_folders: Path, run: Callable[[str], subprocess.Popen[str]]
) -> None:
    with socket.socket() as taken, Upstream(http) as shop:
        taken.bind(("127.0.0.1", 0))  # bound, and nobody listens: it refuses
        nobody = f"127.0.0.1:{taken.getsockname()[1]}"
        printed = "".join(run(ASKING.replace('SHOP"', f'{shop.address}"').replace("NOBODY", nobody)).communicate())
    journal = json.loads((own_folders / "journal.json").read_text())
    results = {one["activity"]["name"]: one for one in journal["run"]}
    assert journal["steady_states"]["before"]["probes"][0]["output"]["status"] == "reached", printed
    assert results["status"]["output"] == 200
    for name, said in (("refused", "Connect call failed"), ("database", "refused"), ("cache", "refused")):
        assert said in str(results[name]["exception"]), results[name]
    kept = [file for file in own_folders.rglob("*") if file.is_file()]
    assert len(kept) >= 5  # the record among them
    assert [file for file in kept if SECRET in file.read_text(errors="replace")] == []
    assert SECRET not in printed


@pytest.mark.joins("control", "probes")
def test_waiting_ends_at_once_when_the_run_is_ended(
    own_folders: Path, run: Callable[[str], subprocess.Popen[str]]
) -> None:
    child = run(WAITING)

    def is_waiting() -> bool:
        events = own_folders.rglob("events.jsonl")
        return any('"activity.started"' in file.read_text() for file in events)

    deadline = time.monotonic() + 60
    while not is_waiting():
        assert time.monotonic() < deadline and child.poll() is None, "it never began to wait"
        time.sleep(0.02)
    child.send_signal(signal.SIGTERM)
    printed = "".join(child.communicate(timeout=60))  # not an hour
    assert child.returncode != 0 and "interrupted" in printed.lower(), printed
