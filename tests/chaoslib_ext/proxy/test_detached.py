"""A server in a session of its own."""

import json
import os
import re
import socket
import urllib.request

import psutil
import pytest

from chaoslib_ext.errors import BadInput, ProxyError
from chaoslib_ext.proxy.serve import start_detached


@pytest.fixture
def detached(tmp_path):
    """start_detached(...) whose servers end with the test."""
    started = []

    def start(**options):
        serving = start_detached(log=tmp_path / "server.log", **options)
        started.append(psutil.Process(serving.pid))
        return serving

    yield start
    for process in started:
        if process.is_running():
            process.kill()
            process.wait(10)


def get(url):
    with urllib.request.urlopen(url, timeout=10) as answer:
        return answer.read().decode()


def test_a_detached_server_answers_from_a_session_of_its_own(detached, tmp_path):
    serving = detached()
    assert json.loads(get(f"{serving.url}/version")) == {"version": "2.12.0"}
    assert serving.engine == "embedded"
    assert psutil.Process(serving.pid).create_time() == serving.create_time
    assert os.getsid(serving.pid) == serving.pid != os.getsid(0)
    assert "toxiproxy_proxy_connections" in get(f"{serving.url}/metrics")


def test_its_log_has_a_line_a_change_with_a_zone(detached, tmp_path):
    serving = detached()
    body = b'{"name":"db","listen":"127.0.0.1:0","upstream":"x:1"}'
    urllib.request.urlopen(f"{serving.url}/proxies", body, timeout=10).close()
    line = (tmp_path / "server.log").read_text().splitlines()[-1]
    assert re.match(
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d INFO proxy db listens on 127\.0\.0\.1:\d+", line
    )


def test_nothing_of_ours_leaks_into_it(detached):
    reader, writer = os.pipe()
    os.set_inheritable(writer, True)
    serving = detached()
    os.close(writer)
    assert os.read(reader, 1) == b""  # nobody else holds the pipe open
    os.close(reader)
    assert serving.pid


def test_a_module_of_the_same_name_in_the_working_folder_is_not_taken_for_ours(detached, tmp_path, monkeypatch):
    (tmp_path / "aiohttp.py").write_text("raise RuntimeError('the wrong one')")
    monkeypatch.chdir(tmp_path)
    assert "2.12.0" in get(f"{detached().url}/version")


def test_a_taken_port_is_one_clear_error(detached):
    port = int(detached().url.rpartition(":")[2])
    with pytest.raises(ProxyError, match=f"cannot listen on 127.0.0.1:{port} for the Toxiproxy API: Address already"):
        detached(port=port)


def test_a_bad_config_is_the_caller_s_mistake(detached, tmp_path):
    with pytest.raises(BadInput, match=r"none\.json"):
        detached(config=tmp_path / "none.json")


def test_a_config_whose_listen_is_taken_starts_nothing(detached, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
        file = tmp_path / "c.json"
        file.write_text(json.dumps([{"name": "db", "listen": listen, "upstream": "x:1"}]))
        with pytest.raises(BadInput, match="address already in use"):
            detached(config=file)


def test_an_unwritable_log_is_the_caller_s_mistake(tmp_path):
    with pytest.raises(BadInput, match="choose another file"):
        start_detached(log=tmp_path / "no" / "such" / "folder.log")
