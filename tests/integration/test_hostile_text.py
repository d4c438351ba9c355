"""No command lets a name, a title, an output or a reason of others steer the terminal or forge a line of its own.

One server with hostile names, one hostile experiment with its record, a hostile freeze, policy and approval; then every
command there is, with and without --json, through a pipe and on a terminal.
"""

import json
import os
import pty
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unicodedata import category
from urllib.request import Request, urlopen

import click
import pytest

from chaoslib_ext.cli.plugins import COMMANDS, _lazy
from chaoslib_ext.testing.upstream import Upstream, http

pytestmark = [pytest.mark.joins("cli", "control", "record", "reports", "safety"), pytest.mark.timeout(1800)]

EVIL = "x\nHELD  forged\r\x1b[2J\x1b]8;;http://evil\x07\x1b]0;t\x1b\\\x9b31m\u202e\u2066\u200f\u061c"
EVIL += "\u2028HELD  forged\u2029"
EVIL += "\x0b\x0c\x85HELD  forged\u200b\x7f\x08"
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
"""Ours, and Chaos Toolkit's, which knows no NO_COLOR; EVIL has none of this form."""
FORGED = re.compile(r"^\W*(HELD|DEVIATED)\s+forged")
CHAOS = [str(Path(sys.executable).with_name("chaos")), "--no-version-check", "--no-log-file"]

TYPED = {
    "approve": ["list", "EXPERIMENT --why EVIL --until 2037-01-01T00:00", "EXPERIMENT --why EVIL --until EVIL"],
    "disable": [""],
    "doctor": ["", "--json"],
    "enable": ["--status", ""],
    "freeze": [
        "--why EVIL",
        "--why EVIL --json",
        "--why EVIL --scope URL",
        "--why x --scope EVIL",
        "--why x --until EVIL",
    ],
    "gate": ["last", "last --json", "JOURNAL", "JOURNAL --json", "EVIL"],
    "journal list": ["", "--json"],
    "journal show": ["last", "last --json", "last --events", "last --events --json", "EVIL"],
    "journal report": ["last", "last --as text", "last --as json", "EVIL"],
    "journal verify": ["", "--json", "EVIL"],
    "lab harden": ["EVIL"],
    "lab soften": ["EVIL"],
    "lab status": [""],
    "link list": ["", "--json"],
    "link check": ["", "--json"],
    "link add": ["EVIL -u 127.0.0.1:1", "a -u EVIL", "--from-env EVIL", "--from-compose COMPOSE --dry-run"],
    "link remove": ["EVIL"],
    "lint": ["REFUSED", "EXPERIMENT", "EXPERIMENT --json", "EXPERIMENT --sarif -", "EVIL", "--EVIL"],
    "live": ["", "--json", "--at now", "--at EVIL", "--service EVIL"],
    "plan": ["REFUSED", "EXPERIMENT", "EXPERIMENT --json", "EXPERIMENT --offline", "EVIL"],
    "proxy list": ["", "--json", "--url EVIL"],
    "proxy show": ["PROXY", "PROXY --json", "EVIL2"],
    "proxy create": ["EVIL2 -u 127.0.0.1:1", "a -u EVIL", "a -u 127.0.0.1:1 --toxic EVIL"],
    "proxy toggle": ["PROXY", "PROXY --despite-freeze", "PROXY", "EVIL2"],
    "proxy toxic add": ["PROXY -t noop -n EVIL2", "PROXY -t EVIL", "PROXY -t latency -a EVIL"],
    "proxy toxic update": ["PROXY -n EVIL -a latency=1", "PROXY -n EVIL2 -a latency=1"],
    "proxy toxic remove": ["PROXY -n EVIL2", "PROXY -n EVIL"],
    "proxy populate": ["POPULATE", "EVIL"],
    "proxy delete": ["EVIL2", "PROXY"],
    "proxy reset": ["--yes"],
    "proxy serve": ["--config EVIL", "--config EVIL --port 0", "--host EVIL", "--allow-host EVIL"],
    "thaw": ["--scope URL", "", "--json", "--scope EVIL"],
    "undo": ["", "--json", "--run EVIL", "--all"],
}
"""Command -> what is typed behind it; run in this order, `ORDER` first."""
ORDER = ("freeze", "approve", "plan", "lint", "gate")
NOT_TYPED = {
    "lab up": "starts the lab; its names are ours",
    "lab down": "likewise",
    "lab reset": "likewise",
    "lab purge": "likewise",
    "selftest": "runs for minutes; its names are ours",
}


def leaves(command: click.Command, path: str) -> Iterator[str]:
    if isinstance(command, click.Group):
        for name, below in command.commands.items():
            yield from leaves(below, f"{path} {name}")
    else:
        yield path


def test_every_command_is_typed() -> None:
    there = {path for name in COMMANDS for path in leaves(_lazy(name).real(), name)}
    assert there == {*TYPED, *NOT_TYPED}


def post(url: str, body: Any) -> None:
    with urlopen(Request(url, json.dumps(body).encode()), timeout=10) as answer:
        answer.read()


@pytest.fixture
def scene(embedded: str, own_folders: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """The words of TYPED, each with what it stands for here."""
    for name, value in {"TOXIPROXY_URL": embedded, "NO_COLOR": "1", "HOME": str(own_folders), "COLUMNS": "100"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(own_folders)
    with Upstream(http) as upstream:
        post(f"{embedded}/proxies", {"name": f"p{EVIL}", "listen": "127.0.0.1:0", "upstream": upstream.address})
        post(f"{embedded}/proxies", {"name": "web", "listen": "127.0.0.1:0", "upstream": upstream.address, "toxics": [
            {"name": EVIL, "type": "latency", "attributes": {"latency": 1}}]})  # fmt: skip
        yield {
            "EVIL": EVIL,
            "EVIL2": f"p{EVIL}",
            "PROXY": "web",
            "URL": embedded,
            "EXPERIMENT": str(experiment(own_folders)),
            "REFUSED": str(experiment(own_folders, refused=True)),
            "JOURNAL": "journal.json",
            "COMPOSE": str(compose(own_folders)),
            "POPULATE": str(populate(own_folders)),
        }


def experiment(folder: Path, *, refused: bool = False) -> Path:
    """A hostile experiment under our control; `refused`: one whose fault is for a proxy that is not there."""
    python: dict[str, Any] = {"type": "python", "module": "hostile", "func": "says", "arguments": {"text": EVIL}}
    path = folder / f"{'r' if refused else 'e'}{EVIL[:20].replace('/', '')}.json"
    (folder / "hostile.py").write_text(
        "def says(text: str):\n    return {text: text}\n\n\ndef fails(text: str):\n    raise ValueError(text)\n"
    )

    def one(kind: str, name: str, provider: dict[str, Any], **more: Any) -> dict[str, Any]:
        return {"type": kind, "name": f"{name}{EVIL}", "provider": provider, **more}

    on = {"proxy": EVIL if refused else "web", "latency_ms": 9}
    latency = {"type": "python", "module": "actions.toxics", "func": "add_latency", "arguments": on}
    failing = {**python, "func": "fails"}
    probe = one("probe", "n", python, tolerance={"type": "jsonpath", "path": "$.*"})
    content = {
        "title": f"T{EVIL}",
        "description": EVIL,
        "tags": [EVIL],
        "contributions": {EVIL: "high"},
        "configuration": {EVIL: EVIL, "other": EVIL},
        "controls": [{"name": "r", "provider": {"type": "python", "module": "chaoslib_ext.control"}}],
        "steady-state-hypothesis": {"title": f"S{EVIL}", "probes": [probe]},
        "method": [one("action", "a", python), one("action", "l", latency), one("probe", "f", failing)],
        "rollbacks": [one("action", "r", failing)],
    }
    path.write_text(json.dumps(content))
    return path


def compose(folder: Path) -> Path:
    path = folder / "compose.json"
    path.write_text(json.dumps({"services": {"web": {"image": EVIL, "environment": {"DB": f"http://db:80/{EVIL}"}}}}))
    return path


def populate(folder: Path) -> Path:
    path = folder / "populate.json"
    path.write_text(json.dumps([{"name": EVIL, "upstream": EVIL}]))
    return path


def run(words: list[str]) -> bytes:
    """Both streams, as they come out of a pipe."""
    environment = {**os.environ, "PYTHONPATH": str(Path.cwd())}
    done = subprocess.run([*CHAOS, *words], capture_output=True, timeout=300, env=environment, stdin=subprocess.DEVNULL)
    assert b"Traceback" not in done.stderr and done.returncode != 70, done.stderr.decode()
    return done.stdout + b"\n" + done.stderr


def on_a_terminal(words: list[str]) -> bytes:
    read, write = pty.openpty()
    environment = {**os.environ, "PYTHONPATH": str(Path.cwd()), "TERM": "xterm"}
    environment.pop("NO_COLOR")
    child = subprocess.Popen([*CHAOS, *words], stdin=write, stdout=write, stderr=write, env=environment)
    os.close(write)
    said = b""
    try:
        while piece := os.read(read, 65536):
            said += piece
    except OSError:  # EIO: the other end was closed
        pass
    os.close(read)
    child.wait(300)
    return said.replace(b"\r\n", b"\n")


def is_clean(said: bytes, what: str) -> None:
    text = COLOUR.sub("", said.decode("utf-8", "surrogateescape"))
    for line in text.split("\n"):
        assert not FORGED.match(line), f"{what}: {line!r}"
        odd = {sign for sign in line if category(sign) in ("Cc", "Cf", "Cs", "Zl", "Zp")} - {"\t"}
        assert not odd, f"{what}: {odd} in {line!r}"


def test_no_command_lets_others_steer_the_terminal(scene: dict[str, str], own_folders: Path) -> None:
    is_clean(run(["run", "--journal-path", "refused.json", scene["REFUSED"]]), "run REFUSED")
    is_clean(run(["run", "--journal-path", "journal.json", scene["EXPERIMENT"]]), "run")
    assert (own_folders / "journal.json").exists() and list((own_folders / "journal" / "runs").iterdir())
    (own_folders / "chaos-policy.yaml").write_text(json.dumps({"schema_version": 1, "rules": [
        {"links": ["web"], "faults": ["latency"], "why": EVIL, "approval": "second person"}]}))  # fmt: skip
    for command in sorted(TYPED, key=lambda one: ORDER.index(one) if one in ORDER else len(ORDER)):
        for typed in TYPED[command]:
            words = [scene.get(word.removeprefix("--"), word) for word in shlex.split(typed)]
            said = run([*command.split(), *(word.replace("\0", "") for word in words)])
            is_clean(said, f"{command} {typed}")


def test_nor_on_a_terminal_where_there_is_colour(scene: dict[str, str]) -> None:
    is_clean(on_a_terminal(["run", scene["EXPERIMENT"]]), "run")
    for words in (["proxy", "list"], ["proxy", "show", "web"], ["journal", "list"], ["journal", "show", "last"],
                  ["gate", "last"], ["live"], ["doctor"], ["lint", scene["EXPERIMENT"]], ["plan", scene["EXPERIMENT"]],
                  ["freeze", "--why", EVIL], ["proxy", "toggle", "web"], ["journal", "show", "last", "--json"],
                  ["thaw"]):  # fmt: skip
        is_clean(on_a_terminal(words), " ".join(words[:2]))


def test_json_keeps_the_data_as_it_is(scene: dict[str, str]) -> None:
    listed = json.loads(run(["proxy", "list", "--json"]).decode())
    assert f"p{EVIL}" in [one["name"] for one in listed]


def test_a_page_shows_what_would_turn_its_text_around(scene: dict[str, str]) -> None:
    run(["run", scene["EXPERIMENT"]])
    page = run(["journal", "report", "last"]).decode()
    assert r"\u202e" in page and "\u202e" not in page and "<script" not in page
