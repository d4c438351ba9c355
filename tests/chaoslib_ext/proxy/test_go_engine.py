"""The original as engine."""

import os
import signal

import psutil
import pytest

from chaoslib_ext.errors import BadInput, ProxyError
from chaoslib_ext.proxy.client import Client
from chaoslib_ext.proxy.go_engine import go_server
from chaoslib_ext.proxy.serve import start_detached


@pytest.fixture
def go_engine(go_server, tmp_path, monkeypatch):
    monkeypatch.setenv("TOXIPROXY_SERVER_BIN", str(go_server))
    started = []

    def start(**options):
        serving = start_detached(log=tmp_path / "server.log", engine="go", **options)
        started.append(psutil.Process(serving.pid))
        return serving

    yield start
    for process in started:
        if process.is_running():
            process.kill()
            process.wait(10)


@pytest.mark.go
def test_it_serves_and_ends_with_the_process_that_answers_for_it(go_engine, tmp_path):
    serving = go_engine(seed=3)
    assert serving.engine == "go"
    created = Client(serving.url).create("p", "127.0.0.1:9", "127.0.0.1:0")
    assert created.enabled
    (original,) = psutil.Process(serving.pid).children()
    os.kill(serving.pid, signal.SIGTERM)
    original.wait(10)
    assert psutil.Process(serving.pid).wait(10) == 0
    assert "ignores it: its chance is not repeatable" in (tmp_path / "server.log").read_text()


@pytest.mark.go
def test_killed_it_takes_the_original_with_it(go_engine):
    process = psutil.Process(go_engine().pid)
    (original,) = process.children()
    process.kill()
    original.wait(10)


@pytest.mark.go
def test_a_taken_port_is_an_error_and_not_a_server_without_an_api(go_engine):
    port = int(go_engine().url.rpartition(":")[2])
    with pytest.raises(ProxyError, match=f"cannot listen on 127.0.0.1:{port}"):
        go_engine(port=port)


@pytest.mark.go
def test_toxics_in_a_config_are_refused_because_it_would_ignore_them(go_engine, tmp_path):
    file = tmp_path / "c.json"
    file.write_text('[{"name":"p","upstream":"x:1","toxics":[{"type":"noop"}]}]')
    with pytest.raises(BadInput, match="the go engine ignores"):
        go_engine(config=file)


def test_where_it_is_looked_for(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("TOXIPROXY_SERVER_BIN", raising=False)
    with pytest.raises(BadInput, match="use --engine embedded"):
        go_server()
    cached = tmp_path / "cache" / "chaostoolkit-ext" / "toxiproxy-2.12.0" / "toxiproxy-server"
    for place in (cached, tmp_path / "toxiproxy-server", tmp_path / "named"):
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text("#!/bin/sh\n")
        place.chmod(0o755)
        if place.name == "named":
            monkeypatch.setenv("TOXIPROXY_SERVER_BIN", str(place))
        assert go_server() == place
    monkeypatch.setenv("TOXIPROXY_SERVER_BIN", "/nowhere")
    with pytest.raises(BadInput, match="TOXIPROXY_SERVER_BIN names /nowhere"):
        go_server()


@pytest.mark.go
def test_a_config_without_listen_opens_on_this_machine_only(go_engine, tmp_path):
    config = tmp_path / "c.json"
    config.write_text('[{"name": "a", "upstream": "127.0.0.1:9"}, {"name": "b", "upstream": "x:1", "enabled": false}]')
    found = Client(go_engine(config=config).url).proxies()
    assert found["a"].listen.startswith("127.0.0.1:") and found["a"].enabled
    assert not found["b"].enabled
