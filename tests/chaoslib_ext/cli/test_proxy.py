"""`chaos proxy` as a person uses it: the real command, in a process of its own."""

import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from chaoslib_ext.cli.proxy import proxy
from chaoslib_ext.proxy.client import Client

pytestmark = pytest.mark.joins("cli", "proxy")

NOWHERE = "127.0.0.1:9"
Ran = subprocess.CompletedProcess[str]


def test_a_toxic_from_the_first_command_to_the_last(on: Callable[..., Ran], toxiproxy: str) -> None:
    client = Client(toxiproxy)
    made = on("create", "web", "-l", "127.0.0.1:0", "-u", NOWHERE)
    listen = client.proxy("web").listen
    assert made.stdout == (
        f"Created web ({listen} -> {NOWHERE}, enabled, 0 toxics). Point the client at {listen}.\n"
    ), made.stderr
    added = on("toxic", "add", "web", "-t", "latency", "-a", "latency=400", "-a", "jitter=50", "--toxicity", "0.5")
    assert added.stdout == (
        "Added latency_downstream to web: latency downstream latency=400 jitter=50 on 50 % of the connections.\n"
        "It belongs to no run, so nothing undoes it by itself. "
        "Remove it with: chaos proxy toxic remove web -n latency_downstream\n"
    ), added.stderr
    assert on("list").stdout == (
        f"NAME\tLISTEN\tUPSTREAM\tSTATE\tTOXICS\nweb\t{listen}\t{NOWHERE}\tenabled\tlatency_downstream\n"
    )
    assert "TOXIC\tWHAT IT DOES\nlatency_downstream\tlatency downstream" in on("show", "web").stdout
    assert on("toxic", "update", "web", "-n", "latency_downstream", "-a", "latency=800").returncode == 0
    assert client.toxics("web")[0].as_json()["attributes"] == {"latency": 800, "jitter": 50}
    assert client.toxics("web")[0].toxicity == 0.5
    assert on("toxic", "remove", "web", "-n", "latency_downstream").stdout.startswith("Removed latency_downstream")
    assert "it refuses connections until `chaos proxy toggle web`" in on("toggle", "web").stdout
    assert client.proxy("web").enabled is False
    assert on("toggle", "web").stdout.startswith("Enabled web")
    assert on("delete", "web").stdout == "Deleted web.\n"
    assert client.proxies() == {}


def test_json_says_the_same(on: Callable[..., Ran], toxiproxy: str, request: pytest.FixtureRequest) -> None:
    spec = "latency:latency=400,stream=upstream,toxicity=0.5,name=slow"
    made = json.loads(on("create", "web", "-u", NOWHERE, "--toxic", spec, "--json").stdout)
    assert made == Client(toxiproxy).proxy("web").as_json()
    assert json.loads(on("list", "--json").stdout) == [made] == [json.loads(on("show", "web", "--json").stdout)]
    added = json.loads(on("toxic", "add", "web", "-u", "-t", "timeout", "--seed", "7", "--json").stdout)
    assert added["remove_with"] == "chaos proxy toxic remove web -n timeout_upstream"
    assert added["seed_honoured"] is (request.node.callspec.params["toxiproxy"] == "embedded")
    assert json.loads(on("reset", "--yes", "--json").stdout) == {"removed_toxics": 2, "enabled_proxies": 0}
    assert json.loads(on("toggle", "web", "--json").stdout)["enabled"] is False
    assert json.loads(on("delete", "web", "--json").stdout) == {"deleted": ["web"]}
    assert json.loads(on("list", "--json").stdout) == []


WRONG = {
    "list": [["--url", "nonsense"], ["--url", "127.0.0.1:1"], ["--url", "ftp://127.0.0.1:8474"]],
    "show": [["wbe"], ["a/b"], []],
    "create": [["web", "-u", NOWHERE], ["x"], ["x", "-u", "nowhere"], ["x", "-u", NOWHERE, "-l", "nonsense"]],
    "create ": [
        ["x", "-u", NOWHERE, "--toxic", "latency:latency"],
        ["x", "-u", NOWHERE, "--toxic", "latenci:latency=1"],
        ["x", "-u", NOWHERE, "--toxic", "latency:latency=1.5"],
        ["a/b", "-u", NOWHERE],
    ],
    "delete": [["wbe"], ["web", "wbe"], []],
    "toggle": [["wbe"], [""], ["web", "more"]],
    "toxic add": [["wbe", "-t", "noop"], ["web", "-t", "latenci"], ["web", "-t", "latency", "-a", "latency=400ms"]],
    "toxic add ": [
        ["web", "-t", "latency", "-a", "latncy=1"],
        ["web", "-t", "noop", "--toxicity", "2"],
        ["web", "-t", "bandwidth", "-a", "rate=-1"],
        ["web", "-t", "noop", "-n", "slow"],
    ],
    "toxic update": [["web", "-n", "slow"], ["web", "-n", "slwo", "--toxicity", "1"], ["web", "-a", "latency=1"]],
    "toxic remove": [["web", "-n", "slwo"], ["wbe", "-n", "slow"], ["web"]],
    "populate": [["no-such-file.json"], ["not.json"], ["object.json"], ["nameless.yaml"], ["bad-toxic.yaml"]],
    "reset": [[], ["--url", "127.0.0.1:1", "--yes"], ["--yes", "web"]],
    "serve": [["--port", "99999"], ["--port", "0", "--config", "no-such-file.json"], ["--engine", "rust"]],
}


@pytest.mark.parametrize(
    ("command", "arguments"),
    [
        pytest.param(command, arguments, id=f"{command.strip()} {' '.join(arguments)}")
        for command, cases in WRONG.items()
        for arguments in cases
    ],
)
def test_wrong_input_is_one_message_and_touches_nothing(
    embedded: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, arguments: list[str]
) -> None:
    client = Client(embedded)
    client.create("web", NOWHERE, toxics=[{"type": "latency", "name": "slow"}])
    files = {
        "not.json": "{",
        "object.json": '{"proxies": []}',
        "nameless.yaml": "- {listen: '127.0.0.1:0', upstream: 'a:1'}",
        "bad-toxic.yaml": "- {name: w, upstream: 'a:1', toxics: [{type: latency, attributes: {latncy: 1}}]}",
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    before = client.proxies()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TOXIPROXY_URL", embedded)
    ran = CliRunner().invoke(proxy, [*command.split(), *arguments])  # in this process: forty real ones take too long
    assert ran.exit_code in (1, 2), ran.output
    assert ran.stdout == ""
    assert "Error:" in ran.stderr and "Traceback" not in ran.stderr and "defect" not in ran.stderr
    assert client.proxies() == before


def test_without_any_server_the_refusal_names_the_ways_out(chaos: Callable[..., Ran]) -> None:
    ran = chaos("proxy", "list", "--url", "127.0.0.1:1")
    assert (ran.returncode, ran.stdout) == (1, "")
    assert "chaos lab up" in ran.stderr and "chaos proxy serve" in ran.stderr


def test_every_command_has_help_with_an_example(chaos: Callable[..., Ran]) -> None:
    for path, command in _commands(proxy, ("proxy",)):
        assert command.help and command.epilog and "Example:" in command.epilog, path
    told = chaos("proxy", "toxic", "add", "--help").stdout
    assert "chaos proxy toxic add web -t latency -a latency=400 -a jitter=50\n" in told


def _commands(command: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    yield path, command
    for name, below in getattr(command, "commands", {}).items():
        yield from _commands(below, (*path, name))


def test_reset_asks_on_a_terminal_and_says_what_about(embedded: str) -> None:
    Client(embedded).create("web", "127.0.0.1:9", toxics=[{"type": "noop"}])
    ours, theirs = pty.openpty()
    command = [str(Path(sys.executable).with_name("chaos")), "--no-version-check", "proxy", "reset", "--url", embedded]
    process = subprocess.Popen(command, stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    os.write(ours, b"n\n")
    told = process.communicate(timeout=60)[1]
    os.close(ours)
    os.close(theirs)
    assert process.returncode == 1 and "(1 toxic removed, 0 proxies enabled), whoever put them there? [y/N]" in told
    assert len(Client(embedded).toxics("web")) == 1
