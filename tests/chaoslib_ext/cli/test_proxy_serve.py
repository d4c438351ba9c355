"""`chaos proxy serve`: found while it lives, forgotten after."""

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from chaoslib_ext.proxy.client import Client
from chaoslib_ext.proxy.servers import known

CHAOS = str(Path(sys.executable).with_name("chaos"))
NOWHERE = "127.0.0.1:9"
Ran = subprocess.CompletedProcess[str]


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[Callable[..., tuple[subprocess.Popen[str], str]]]:
    """serving("--port", "0") -> the process of `chaos proxy serve`, and the URL of its ready line."""
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: str) -> tuple[subprocess.Popen[str], str]:
        command = [CHAOS, "--no-version-check", "proxy", "serve", "--port", "0", "--json", *arguments]
        process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        started.append(process)
        assert process.stdout is not None and process.stderr is not None
        document = ""
        for line in process.stdout:
            document += line
            if line == "}\n":
                return process, json.loads(document)["url"]
        pytest.fail(f"serve ended: {process.stderr.read()}")

    yield start
    for process in started:
        process.kill()
        process.communicate()


def test_serve_is_found_by_later_commands_and_forgotten_at_its_end(
    chaos: Callable[..., Ran], serving: Callable[..., tuple[subprocess.Popen[str], str]], own_folders: Path
) -> None:
    first, first_url = serving()
    second, second_url = serving("--metrics")
    assert [one.url for one in known()] == [first_url, second_url]
    assert chaos("proxy", "create", "web", "-u", NOWHERE).returncode == 0
    assert (list(Client(first_url).proxies()), list(Client(second_url).proxies())) == ([], ["web"])
    second.send_signal(signal.SIGINT)
    told = second.communicate(timeout=20)[1]
    assert second.returncode == 0 and f"Stopped {second_url}" in told
    assert f"Also running: {first_url}. Without --url, commands and runs use {second_url}." in told
    listed = json.loads((own_folders / "state" / "servers.json").read_text())["servers"]
    assert [one["url"] for one in listed] == [first_url]
    first.kill()
    first.wait(20)
    assert known() == []


@pytest.mark.parametrize(("host", "known_as"), [("0.0.0.0", "http://127.0.0.1:"), ("::1", "http://[::1]:")])
def test_serve_is_known_by_an_address_one_can_dial(
    serving: Callable[..., tuple[subprocess.Popen[str], str]], host: str, known_as: str
) -> None:
    process, url = serving("--host", host)
    assert url.startswith(known_as) and Client(url).version()
    process.terminate()
    told = process.communicate(timeout=20)[1]
    assert process.returncode == 0
    assert ("The API has no login" in told) is (host == "0.0.0.0")


def test_serve_names_the_proxies_of_a_config_that_others_can_reach(
    serving: Callable[..., tuple[subprocess.Popen[str], str]], tmp_path: Path
) -> None:
    entries = {"in": "127.0.0.1:0", "out": "0.0.0.0:0", "six": "[::]:0", "bare": ""}
    config = [{"name": name, "listen": listen, "upstream": NOWHERE} for name, listen in entries.items()]
    (tmp_path / "proxies.json").write_text(json.dumps(config))
    process, _ = serving("--config", "proxies.json")
    process.terminate()
    told = process.communicate(timeout=20)[1]
    assert "Others in the network can reach out (0.0.0.0:0), six ([::]:0), and what is behind" in told


def test_serve_refuses_a_port_that_is_taken(chaos: Callable[..., Ran], embedded: str) -> None:
    ran = chaos("proxy", "serve", "--port", embedded.rpartition(":")[2])
    assert ran.returncode == 1
    assert "Address already in use" in ran.stderr and "--port" in ran.stderr and "Traceback" not in ran.stderr
    assert known() == []
