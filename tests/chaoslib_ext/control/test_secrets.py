"""A secret that an experiment uses everywhere stands in nothing that is written or said, by us or by the host.

What an activity itself prints is its own; so are the arguments of the programs that it starts, which `ps` shows.
"""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest

pytestmark = [pytest.mark.joins("control", "record"), pytest.mark.joins("cli", "control")]

LOGIN = 'hunter2 "and" more/&%'
PIN = "batteryStaple-inline9"
TOKEN = "tok3n-by-configuration"
SPELLED = ("hunter2", "batteryStaple", "tok3n", "aHVudGVyM")
"""What of them must not be found, in whatever form; the last is base64."""

SOURCE = """
import base64, json
from pathlib import Path

def dynamic(secrets=None):
    return "dyn-" + secrets["login"]

def use(login, secrets=None, configuration=None):
    coded = base64.b64encode(login.encode()).decode()
    return {"x": login, "json": json.dumps(login), "coded": coded, "c": str(configuration)}

def boom(login):
    raise ValueError("could not log in with " + login)

def nap(login):
    Path("napping").touch()
    import time
    time.sleep(60)

def roll(login):
    import logging, sys
    print("rolling back with", login)
    logging.getLogger("chaostoolkit").warning("rolling back with %s", login)
    raise ValueError("no rollback with " + login)
"""


def python(func: str, **arguments: Any) -> dict[str, Any]:
    return {"type": "python", "module": "uses", "func": func, "arguments": arguments}


def action(name: str, provider: dict[str, Any]) -> dict[str, Any]:
    return {"type": "action", "name": name, "provider": provider}


@pytest.fixture
def experiment(chaos: Any) -> Any:
    """Write it; `last` is the last action of its method."""
    chaos.env |= {"LOGIN": LOGIN, "TOKEN": TOKEN}
    (chaos.place / "uses.py").write_text(SOURCE)

    def write(last: dict[str, Any], **more: Any) -> Path:
        echo = {"type": "process", "path": "echo", "arguments": ["--user", "${login}", "${pin}"]}
        shout = {"type": "process", "path": "sh", "arguments": ["-c", "echo '${pin}' >&2; exit 3"]}
        method = [
            action("echo", echo),
            action("shout", shout),
            action("use", {**python("use", login="${dynamic}"), "secrets": ["mine"]}),
            action("token", python("use", login="${api_token}")),
            action(
                "request", {"type": "http", "url": "http://127.0.0.1:9/?q=${login}", "headers": {"X-Pin": "${pin}"}}
            ),
            {**action("said", python("use", login="${login}")), "type": "probe", "tolerance": "other than ${login}"},
            action("boom", python("boom", login="${login}")),
            last,
        ]
        tolerance = {"type": "jsonpath", "path": "$.x", "expect": [LOGIN]}
        probe = {**action("steady", python("use", login="${login}")), "type": "probe", "tolerance": tolerance}
        return chaos.experiment(
            method,
            probes=[probe],
            rollbacks=[action("roll", python("roll", login="${login}")), action("pin", python("use", login="${pin}"))],
            secrets={"mine": {"login": {"type": "env", "key": "LOGIN"}, "pin": PIN}},
            configuration={
                "dynamic": {"type": "probe", "name": "dyn", "provider": {**python("dynamic"), "secrets": ["mine"]}},
                "asked": {"type": "probe", "name": "asked", "provider": {**echo, "arguments": ["${login}"]}},
                "api_token": {"type": "env", "key": "TOKEN"},
            },
            **more,
        )

    return write


@pytest.fixture
def leaks(chaos: Any) -> Any:
    """Files and outputs in which a part of a secret stands, with the line; `except_for`: files that may."""

    def find(said: dict[str, str], *, except_for: tuple[str, ...] = ()) -> list[str]:
        for file in chaos.place.rglob("*"):
            if file.is_file() and file.name not in ("experiment.json", "uses.py", *except_for):
                said[str(file.relative_to(chaos.place))] = file.read_text(errors="replace")
        lines = ((name, line) for name, text in said.items() for line in text.splitlines())
        return [f"{name}: {line}" for name, line in lines if any(part in line for part in SPELLED)]

    return find


def asked(chaos: Any, *arguments: str) -> dict[str, str]:
    """What a command of ours says."""
    command = [sys.executable, "-m", "chaostoolkit", "--no-version-check", *arguments]
    done = subprocess.run(command, cwd=chaos.place, env=chaos.env, capture_output=True, text=True, check=False)
    assert "Usage:" not in done.stderr, done.stderr
    return {" ".join(arguments): done.stdout + done.stderr}


COMMANDS = (
    ("journal", "show", "last", "--events"),
    ("journal", "show", "last", "--json"),
    ("journal", "report", "last"),
    ("journal", "report", "last", "--as", "text"),
    ("gate", "last", "--json"),
    ("live", "--json"),
    ("plan", "experiment.json", "--probes", "--json"),
    ("plan", "experiment.json"),
    ("undo", "--json"),
)


def test_a_run_in_which_everything_fails_tells_no_secret(chaos: Any, experiment: Any, leaks: Any) -> None:
    """[18] Headers, arguments, configuration, tolerances, errors, exit codes; log, journal, record, reports, plan."""
    done = chaos.run(experiment(action("use too", python("use", login="${login}"))), how="settings")
    assert done.code == 1 and "could not log in with [redacted]" in done.out
    said = {"out": done.out.replace("rolling back with " + LOGIN, ""), "err": done.err}
    for command in COMMANDS:
        said |= asked(chaos, *command)
    assert leaks(said) == []


def test_a_killed_run_tells_no_secret(chaos: Any, experiment: Any, leaks: Any, until: Any) -> None:
    """[18] The watchdog's and the player's words too. What is kept for the player may hold one, until it is gone."""
    child = chaos.start(experiment(action("nap", python("nap", login="${login}"))), how="settings")
    until((chaos.place / "napping").exists, "the nap")
    (kept,) = (chaos.place / "state/undo").glob("*.rollbacks.json")
    assert kept.stat().st_mode & 0o077 == 0
    said = asked(chaos, "live", "--json")
    ours = [one.cmdline() for one in psutil.Process(child.pid).children(recursive=True)]
    assert ours and leaks({**said, "ps": "\n".join(map(str, ours))}, except_for=(kept.name,)) == []
    os.killpg(child.pid, signal.SIGKILL)
    done = chaos.end(child)
    until(lambda: not kept.exists() and done.story.state == "ok", "the rollbacks", within=30)
    assert "rolling back with [redacted]" in (chaos.place / "state/rollbacks.log").read_text()
    assert leaks({"out": done.out, "err": done.err, **asked(chaos, "journal", "show", "last")}) == []


def test_a_guard_that_ends_the_run_tells_no_secret(chaos: Any, experiment: Any, leaks: Any) -> None:
    guard = {"name": "g", "every": "50ms", "bad_for": "300ms", "tolerance": 1}
    guard["provider"] = python("boom", login="${login}")
    entry = {"name": "chaostoolkit-ext", "guards": [guard]}
    done = chaos.run(experiment(action("end", python("use", login="${login}")), extensions=[entry]), how="settings")
    assert "could not log in with [redacted]; nothing was injected" in done.err
    assert leaks({"out": done.out, "err": done.err}) == []
