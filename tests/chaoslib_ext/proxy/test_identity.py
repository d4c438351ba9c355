"""Which server is it: told from the one before, on the embedded server and on the original."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from chaoslib_ext.clock import boot_id
from chaoslib_ext.proxy import identity
from chaoslib_ext.proxy.client import Client
from chaoslib_ext.proxy.detached import start_detached
from chaoslib_ext.proxy.identity import identity_of, is_another

SLEEPER = [sys.executable, "-c", "input()"]


def test_the_same_server_is_the_same(toxiproxy: str, request: pytest.FixtureRequest) -> None:
    client = Client(toxiproxy)
    client.version()
    who = identity_of(client)
    kind = "instance" if request.node.callspec.params["toxiproxy"] == "embedded" else "process"
    assert who and who.startswith(kind)
    assert identity_of(Client(toxiproxy)) == who
    assert not is_another(client, who)


def test_one_that_comes_later_on_the_same_port_is_another(tmp_path: Path) -> None:
    import psutil

    first = start_detached(log=tmp_path / "log")
    client = Client(first.url)
    client.version()  # each answer says it
    who = identity_of(client)
    process = psutil.Process(first.pid)
    process.kill()
    process.wait(10)
    second = start_detached(port=int(first.url.rpartition(":")[2]), log=tmp_path / "log")
    try:
        client.version()
        assert is_another(client, who)
    finally:
        psutil.Process(second.pid).kill()


def test_a_process_is_known_by_its_start_and_its_boot(embedded: str) -> None:
    client = Client(embedded)
    with subprocess.Popen(SLEEPER, stdin=subprocess.PIPE) as one:
        start = identity.started_at(one.pid)
        here = os.readlink("/proc/self/ns/pid")
        who = f"process {one.pid} {start} {boot_id()} {here}"
        assert not is_another(client, who)
        assert is_another(client, f"process {one.pid} {(start or 0) - 1} {boot_id()} {here}")
        assert is_another(client, f"process {one.pid} {start} another-boot {here}")
        one.kill()
        one.wait()
        assert is_another(client, who)
        assert not is_another(client, f"process {one.pid} {start} {boot_id()} pid:[1]"), "pids of another container"


def test_a_tunnel_is_not_taken_for_the_server_behind_it(pretender, says) -> None:  # type: ignore[no-untyped-def]
    """What listens here is this test's Python, not a Toxiproxy: its end would say nothing of the server's."""
    client = Client(pretender(says(200, '{"version": "2.12.0"}')))
    assert identity_of(client) is None
    assert not is_another(client, None)


@pytest.mark.parametrize("url", ["http://192.0.2.1:8474", "http://example.org:8474", "http://127.0.0.1"])
def test_a_server_elsewhere_has_no_process_here(url: str) -> None:
    assert identity._process(url) is None
