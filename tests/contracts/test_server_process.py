"""The server as a process: flags, config file, signals, a taken port."""

import json
import signal
import subprocess
import sys

import pytest


@pytest.fixture
def config(tmp_path):
    """config(anything) -> the path of a file with it as JSON (text as it stands)."""

    def write(content):
        path = tmp_path / "toxiproxy.json"
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return str(path)

    return write


def test_a_config_file_is_a_populate_body(own_server, config):
    entries = [
        {"name": "a", "listen": "127.0.0.1:0", "upstream": "x:1"},
        {"name": "b", "listen": "localhost:0", "upstream": "x:2", "enabled": False},
    ]
    proxies = own_server("--config", config(entries)).api.get("/proxies").json
    assert {name: (proxy["upstream"], proxy["enabled"]) for name, proxy in proxies.items()} == {
        "a": ("x:1", True),
        "b": ("x:2", False),
    }
    assert proxies["a"]["listen"] != "127.0.0.1:0"
    assert proxies["b"]["listen"] == "localhost:0"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_with_0_on_a_signal(own_server, number):
    running = own_server()
    running.api.post("/proxies", {"name": "p", "listen": "127.0.0.1:0", "upstream": "x:1"})
    running.process.send_signal(number)
    assert running.process.wait(10) == 0


def test_open_connections_do_not_hold_it(own_server, link, wire):
    running = own_server()
    proxy = link(on=running.api)
    client, _ = proxy.open()
    running.process.send_signal(signal.SIGTERM)
    assert running.process.wait(10) == 0
    assert wire.ending(client) in ("eof", "reset")


def test_it_listens_on_the_host_it_is_told(own_server):
    running = own_server("--host", "127.0.0.1")
    assert running.api.get("/version").status == 200


def test_a_seed_is_taken(own_server):
    assert own_server("--seed", "42").api.get("/version").status == 200


def test_an_unknown_flag_is_refused(own_server, toxiproxy_go, engine):
    command = (
        [str(toxiproxy_go / "toxiproxy-server")]
        if engine == "go"
        else [sys.executable, "-m", "chaoslib_ext.proxy.serve"]
    )
    ended = subprocess.run([*command, "--no-such-flag"], capture_output=True, text=True, timeout=30, check=False)
    assert ended.returncode == 2
    assert "no-such-flag" in ended.stderr
    assert "Traceback" not in ended.stderr
