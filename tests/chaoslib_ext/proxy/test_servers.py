"""Which server is used, and how the list of known ones outlives what happens to them."""

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from chaoslib_ext.errors import BadFile, BadInput, NoServer, ProxyFailed, ServerGone
from chaoslib_ext.proxy import servers
from chaoslib_ext.proxy.servers import connect, forget, known, register, resolve


@pytest.fixture
def sleeper() -> Iterator[Callable[[], psutil.Process]]:
    """sleeper() -> a process that stands for a server's."""
    started: list[subprocess.Popen[bytes]] = []

    def start() -> psutil.Process:
        started.append(subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE))
        return psutil.Process(started[-1].pid)

    yield start
    for process in started:
        process.kill()
        process.wait()


def enrol(process: psutil.Process, url: str) -> None:
    register(url, "embedded", process.pid, process.create_time(), "serve")


@pytest.fixture
def nothing_on_8474(monkeypatch: pytest.MonkeyPatch) -> None:
    """The well-known port of this machine is not for tests: another one, free, stands for it."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        monkeypatch.setattr(servers, "DEFAULT_URL", f"http://127.0.0.1:{free.getsockname()[1]}")


def test_the_one_registered_last_is_used(sleeper: Callable[[], psutil.Process]) -> None:
    for port in (1001, 1002):
        enrol(sleeper(), f"127.0.0.1:{port}")
    assert [one.url for one in known()] == ["http://127.0.0.1:1001", "http://127.0.0.1:1002"]
    assert resolve() == "http://127.0.0.1:1002"


def test_a_dead_one_is_passed_over(sleeper: Callable[[], psutil.Process]) -> None:
    living, dying = sleeper(), sleeper()
    enrol(living, "127.0.0.1:1001")
    enrol(dying, "127.0.0.1:1002")
    dying.kill()
    os.waitid(os.P_PID, dying.pid, os.WEXITED | os.WNOWAIT)  # dead, but nobody has collected it: a zombie
    assert dying.status() == psutil.STATUS_ZOMBIE
    assert resolve() == "http://127.0.0.1:1001"


def test_a_process_that_got_the_same_pid_is_another_one(sleeper: Callable[[], psutil.Process]) -> None:
    process = sleeper()
    register("127.0.0.1:1001", "go", process.pid, process.create_time() - 60, "lab")
    assert known() == []


def test_registering_again_and_forgetting(sleeper: Callable[[], psutil.Process]) -> None:
    process = sleeper()
    for _ in range(2):
        enrol(process, "127.0.0.1:1001")
    assert len(known()) == 1
    forget("http://127.0.0.1:1001/")
    forget("127.0.0.1:1002")  # never known: nothing happens
    assert known() == []


def test_the_variable_goes_before_what_is_known(
    sleeper: Callable[[], psutil.Process], monkeypatch: pytest.MonkeyPatch
) -> None:
    enrol(sleeper(), "127.0.0.1:1001")
    monkeypatch.setenv("TOXIPROXY_URL", "localhost:1003/")
    assert resolve() == "http://localhost:1003"
    assert resolve("[::1]:1004") == "http://[::1]:1004"
    monkeypatch.setenv("TOXIPROXY_URL", "")
    assert resolve() == "http://127.0.0.1:1001"


def test_many_processes_register_at_once(own_folders: Path) -> None:
    script = (
        "import os, sys, psutil; from chaoslib_ext.proxy.servers import register\n"
        "register(f'127.0.0.1:{sys.argv[1]}', 'go', os.getppid(), psutil.Process(os.getppid()).create_time(), 'lab')"
    )
    ports = [str(2000 + number) for number in range(4)]
    running = [subprocess.Popen([sys.executable, "-c", script, port]) for port in ports]
    assert [one.wait(60) for one in running] == [0] * 4
    assert sorted(one.url[-4:] for one in known()) == ports


def test_the_file_is_for_its_owner_only(sleeper: Callable[[], psutil.Process], own_folders: Path) -> None:
    enrol(sleeper(), "127.0.0.1:1001")
    assert (own_folders / "state").stat().st_mode & 0o077 == 0
    assert json.loads((own_folders / "state" / "servers.json").read_text())["schema_version"] == 1


def test_no_server_at_all_says_what_was_tried(nothing_on_8474: None) -> None:
    with pytest.raises(NoServer) as refused:
        resolve()
    for part in ("TOXIPROXY_URL is not set", "chaos lab up", "chaos proxy serve", servers.DEFAULT_URL):
        assert part in str(refused.value)


def test_the_well_known_port_is_used_if_a_toxiproxy_answers(toxiproxy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(servers, "DEFAULT_URL", toxiproxy)
    assert resolve() == connect().url == toxiproxy


def test_another_program_on_the_well_known_port_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def answer() -> None:
        with server.accept()[0] as caller:
            caller.recv(4096)
            caller.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=answer, daemon=True).start()
        monkeypatch.setattr(servers, "DEFAULT_URL", f"http://127.0.0.1:{server.getsockname()[1]}")
        with pytest.raises(NoServer, match="'hello', which is not Toxiproxy's; is another program listening"):
            connect()


@pytest.mark.parametrize(
    ("value", "kind", "says"),
    [
        ("127.0.0.1:1", ServerGone, "the variable TOXIPROXY_URL; unset it"),
        ("what is this", BadInput, "TOXIPROXY_URL is 'what is this'.*write http://host:port"),
    ],
)
def test_a_wrong_variable_is_named(monkeypatch: pytest.MonkeyPatch, value: str, kind: type, says: str) -> None:
    monkeypatch.setenv("TOXIPROXY_URL", value)
    with pytest.raises(kind, match=says):
        connect()


def test_a_known_server_that_does_not_answer_is_named(sleeper: Callable[[], psutil.Process]) -> None:
    process = sleeper()
    enrol(process, "127.0.0.1:1")
    with pytest.raises(ServerGone, match=f"named by `chaos proxy serve`, process {process.pid}"):
        connect()


def test_what_the_error_of_a_strange_server_says(toxiproxy: str) -> None:
    with pytest.raises(ProxyFailed, match="is another program listening there"):
        connect(f"{toxiproxy}/some/path")


@pytest.mark.parametrize("content", ["{", '{"schema_version": 2, "servers": []}', '[{"url": 1}]', "\x00"])
def test_a_list_that_cannot_be_read_says_how_to_go_on(own_folders: Path, content: str) -> None:
    (own_folders / "state").mkdir()
    (own_folders / "state" / "servers.json").write_text(content)
    for ask in (known, resolve, lambda: forget("127.0.0.1:1")):
        with pytest.raises(BadFile, match=r"servers.json, cannot be read .*; delete it"):
            ask()


def test_a_state_folder_on_a_full_disk_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(BadFile, match="cannot be written: No space left on device"):
        register("127.0.0.1:1", "go", os.getpid(), 0.0, "serve")
