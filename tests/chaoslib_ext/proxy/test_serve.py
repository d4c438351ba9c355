"""The server in the foreground, as a process."""

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request

import pytest

from chaoslib_ext.errors import ProxyError
from chaoslib_ext.proxy.serve import serve

SERVE = [sys.executable, "-m", "chaoslib_ext.proxy.serve"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_with_code_0_also_with_connections_open(number):
    with subprocess.Popen([*SERVE, "--port", "0"], stderr=subprocess.PIPE, text=True) as process:
        try:
            url = process.stderr.readline().split()[7].rstrip(",")
            body = b'{"name":"db","listen":"127.0.0.1:0","upstream":"' + url[7:].encode() + b'"}'
            with urllib.request.urlopen(f"{url}/proxies", body, timeout=10) as answer:
                host, port = json.load(answer)["listen"].split(":")
            with socket.create_connection((host, int(port)), 10):
                process.send_signal(number)
                assert process.wait(10) == 0
        finally:
            process.kill()


def test_a_mistake_is_one_line_and_a_code(tmp_path):
    ended = subprocess.run([*SERVE, "--config", str(tmp_path / "c")], capture_output=True, text=True, timeout=30)
    assert ended.returncode == 2
    assert len(ended.stderr.splitlines()) == 1


def test_log_level_is_honoured_and_an_unknown_one_said():
    with subprocess.Popen(
        [*SERVE, "--port", "0"], stderr=subprocess.PIPE, text=True, env={**os.environ, "LOG_LEVEL": "loud"}
    ) as process:
        try:
            assert "LOG_LEVEL 'loud' is not known" in process.stderr.readline()
        finally:
            process.kill()


@pytest.mark.parametrize(("host", "port", "says"), [("192.0.2.1", 0, "--host"), ("nowhere.invalid", 0, "--host")])
def test_an_address_that_is_not_ours_is_told_apart_from_a_port_that_is_taken(host, port, says):
    with pytest.raises(ProxyError, match=f"choose another {says}, an address of this machine"):
        serve(host, port)
